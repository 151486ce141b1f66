/** The README's tables of engines: what each gives, by the typed table, and how right it was, by the last measurement. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../helpers/workbenchInstall.mjs';

const measuredPath = join(repositoryRoot, 'test', 'accuracy', 'measured.json');
const readmePath = join(repositoryRoot, 'README.md');
const [begin, end] = ['<!-- engines: written by npm run accuracy -->', '<!-- end of engines -->'];
const minors = ['3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15'];

const columns = [
  ['Executing line', facts => facts.hasLines],
  ['Timeline', facts => facts.hasTimeAxis],
  ['CPU', facts => facts.hasCpu],
  ['GIL', facts => facts.hasGil],
  ['GC', facts => facts.hasGc],
  ['Native', facts => facts.hasNative],
  ['asyncio', facts => facts.hasTasks],
  ['Children', facts => facts.hasChildren && (facts.hasForkedOnly ? 'forked' : 'yes')],
  ['Attach', facts => facts.canAttach],
  ['Stop early', facts => facts.canStopEarly],
  ['Exact calls', facts => facts.countsCalls],
];

/** The text between the markers. */
export function engineTables(table, measured) {
  const gives = table.map(facts => [
    facts.label,
    ...columns.map(([, has]) => wordOf(has(facts))),
    pythons(facts),
    systems(facts),
  ]);
  const right = table.map(({ name, label }) => [
    label,
    ...minors.map(minor => cell(measured[name]?.[minor])),
  ]);
  return [
    markdown(['Engine', ...columns.map(([title]) => title), 'Python', 'Systems'], gives),
    'How far marked lines are from what programs measured of themselves, at worst, in points of a hundred; `exact`: all\n' +
      'calls were counted. Linux x86-64; «–»: not supported.',
    markdown(['Engine', ...minors], right),
    ...refusals(table, measured),
  ].join('\n\n');
}

function wordOf(has) {
  return typeof has === 'string' ? has : has ? 'yes' : '–';
}

function pythons({ minPython, maxPython, misreadPythons }) {
  const range = maxPython === undefined ? `3.${minPython}+` : `3.${minPython}–3.${maxPython}`;
  return [range, ...misreadPythons.map(minor => `not 3.${minor}`)].join(', ');
}

function systems({ onLinux, onMac, onWindows }) {
  const names = [onLinux && 'Linux', onMac && 'macOS', onWindows && 'Windows'].filter(Boolean);
  return names.length === 3 ? 'all' : names.join(', ');
}

function cell(found) {
  if (found === undefined) return '';
  if (found.reason !== undefined) return '–';
  if (found.unit === 'functions') return found.value === 0 ? 'exact' : `${found.value} wrong`;
  return found.value === null ? 'failed' : found.value.toFixed(1);
}

/** What the tools said of themselves; what the table above says already is left out. */
function refusals(table, measured) {
  const lines = table.flatMap(({ name, label }) =>
    Object.entries(measured[name] ?? {})
      .filter(([, { reason, isByTable }]) => reason !== undefined && !isByTable)
      .map(([minor, { reason }]) => `* ${label} on ${minor}: ${reason}.`),
  );
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function markdown(head, rows) {
  const line = cells => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export function readMeasured() {
  return JSON.parse(readFileSync(measuredPath, 'utf8'));
}

/** Puts what was measured now in place of what was measured before; of several programs the worst counts. */
export function keepMeasured(figures) {
  const measured = readMeasured();
  const fresh = {};
  for (const { engine, python, value, unit, notSupported, isByTable } of figures) {
    const minor = python.split('.').slice(0, 2).join('.');
    const found = notSupported === undefined ? { unit, value } : { reason: notSupported, isByTable };
    const before = fresh[engine]?.[minor];
    fresh[engine] = { ...fresh[engine], [minor]: before === undefined ? found : worse(before, found) };
  }
  for (const [engine, byMinor] of Object.entries(fresh))
    measured[engine] = { ...measured[engine], ...byMinor };
  writeFileSync(measuredPath, `${JSON.stringify(measured, null, 2)}\n`);
}

function worse(a, b) {
  if (a.reason !== undefined || b.reason !== undefined) return a.reason === undefined ? b : a;
  return (a.value ?? Number.POSITIVE_INFINITY) > (b.value ?? Number.POSITIVE_INFINITY) ? a : b;
}

/** The README with the tables as they should be. */
export function readmeWith(tables) {
  const text = readFileSync(readmePath, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`README.md has no «${begin}» and «${end}»`);
  return `${before}${begin}\n\n${tables}\n\n${end}${after}`;
}

export function writeReadme(table) {
  writeFileSync(readmePath, readmeWith(engineTables(table, readMeasured())));
}
