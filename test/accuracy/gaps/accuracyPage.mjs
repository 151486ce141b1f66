/** Writes the figures into `docs/accuracy.md`, between the markers; what stands around them is kept. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from '../truthRuns.mjs';
import { nothing } from './confusion.mjs';

const page = join(checkout, 'docs', 'accuracy.md');
const begin = '<!-- gaps: written by npm run accuracy -- gaps --write-docs -->';
const end = '<!-- gaps: end -->';

/** Replaces the generated block; `evidence` completes «Measured with …». Throws when the page has no markers. */
export async function writeAccuracyPage(results, evidence) {
  const text = await readFile(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no generated block`);
  await writeFile(
    page,
    `${text.slice(0, from + begin.length)}\n\n${block(results, evidence)}\n\n${text.slice(to)}`,
  );
}

function block(results, evidence) {
  const day = new Date().toISOString().slice(0, 10);
  const pythons = results.map(({ python }) => python).join(', ');
  return [
    `Measured on ${day} with ${evidence}, on Linux, Python ${pythons}.`,
    summaryTable(results),
    classTable(results),
    '### What was reported while a class was true',
    'Shares of the true time over all interpreters; less than half a percent is left out.',
    matrixTable(merged(results)),
    ...slopeTable(results.flatMap(({ slopes }) => slopes)),
  ].join('\n\n');
}

function summaryTable(results) {
  const rows = results.map(({ python, confusion, culprits, failed }) => {
    const { victim, holder, role } = confusion;
    return [
      python,
      percent(victim.exactNs / victim.judgedNs),
      percent(holder.exactNs / holder.judgedNs),
      percent(holder.wrongNs / holder.judgedNs),
      percent(role.exactNs / role.judgedNs),
      percent(confusion.explained()),
      culprits.length,
      failed.length === 0 ? '–' : failed.join(', '),
    ];
  });
  const head = ['Python', 'victim line exact', 'holder line exact', 'holder line wrong', 'role right'];
  return table([...head, 'explained', 'culprits in controls', 'programs that failed'], rows);
}

function classTable(results) {
  const ids = [
    ...new Set(results.flatMap(({ confusion }) => confusion.classes().map(({ id }) => id))),
  ].sort();
  const rows = ids.map(id => [
    `\`${id}\``,
    ...results.map(({ confusion }) => {
      const found = confusion.classes().find(one => one.id === id);
      return found ? `${percent(found.recall)} / ${percent(found.precision)}` : '–';
    }),
  ]);
  return table(['recall / precision', ...results.map(({ python }) => python)], rows);
}

function matrixTable(matrix) {
  const rows = [...matrix].sort().map(([id, row]) => {
    const totalNs = [...row.values()].reduce((sum, ns) => sum + ns, 0);
    const parts = [...row].sort((a, b) => b[1] - a[1]).filter(([, ns]) => ns >= totalNs / 200);
    const said = parts.map(
      ([other, ns]) => `${other === nothing ? 'nothing' : `\`${other}\``} ${percent(ns / totalNs)}`,
    );
    return [`\`${id}\``, `${Math.round(totalNs / 1e6)} ms`, said.join(', ')];
  });
  return table(['true class', 'time', 'reported'], rows);
}

function slopeTable(slopes) {
  if (slopes.length === 0) return [];
  const rows = slopes.map(({ id, value }) => [
    id.replace(/^slope /, ''),
    value === null ? '–' : String(value),
  ]);
  return [
    '### What more of the cause adds to what is reported',
    'Each cause was made 10, 20 and 40 ms longer: so many milliseconds were reported more for each of them.',
    table(['program and what grew', 'slope'], rows),
  ];
}

function merged(results) {
  const all = new Map();
  for (const { confusion } of results) {
    for (const [id, row] of confusion.matrix) {
      const sums = all.get(id) ?? new Map();
      for (const [said, ns] of row) sums.set(said, (sums.get(said) ?? 0) + ns);
      all.set(id, sums);
    }
  }
  return all;
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function percent(share) {
  return Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`;
}
