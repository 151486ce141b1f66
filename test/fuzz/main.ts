/** `npm run fuzz`: see `docs/developing.md`. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { FindingKind } from './attempt';
import { fuzz, storeCases } from './fuzz';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
/** 100,000 inputs in two minutes. */
const minPerSecond = 100_000 / 120;

console.error(`seed ${seed}, ${seconds} s`);
const { inputCount, cases } = await fuzz({
  workerEntry: join('test', 'fuzz', 'fuzzWorker.ts'),
  seedFolder: join('test', 'fixtures', 'profiles'),
  seed,
  seconds,
  only: values.only,
  report: line => console.error(line),
});
for (const path of storeCases(join('test', 'fuzz', 'cases'), cases)) console.error(`kept ${path}`);

const minInputs = Math.floor(minPerSecond * seconds);
const figures = [
  { id: 'inputs', value: inputCount, unit: 'inputs', goal: `≥ ${minInputs}`, ok: inputCount >= minInputs },
  none('crashes', 'crash'),
  none('hangs', 'hang'),
  none('memory', 'memory'),
  none('broken-invariants', 'invariant'),
];
for (const { id, value, unit, goal, ok } of figures) {
  console.log(`${ok ? '✓' : '✗'} ${id.padEnd(20)} ${String(value).padStart(8)} ${unit}  goal ${goal}`);
}
if (values.json) console.log(JSON.stringify({ name: 'fuzz', seed, seconds, figures }));
process.exitCode = cases.length === 0 ? 0 : 1;

/** Faults of a kind, each counted once however many inputs show it. */
function none(id: string, kind: FindingKind) {
  const value = cases.filter(({ finding }) => finding.kind === kind).length;
  return { id, value, unit: 'faults', goal: '0', ok: value === 0 };
}
