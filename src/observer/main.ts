/**
 * `observer.js --pid PID --run-dir FOLDER [--rate HZ] [--children] [--gate]`: looks at a running CPython on Linux from outside
 * and writes chunk streams into the run folder until the program ends, SIGINT, SIGTERM, or the file `stop` appears.
 * With `--gate` it first waits for the program to come to the gate (`watch/gate.ts`). What it cannot do it says in one line on standard error; then it ends with code 1.
 */

import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CannotObserve } from './watch/access';
import { Family } from './watch/family';
import { pidAtGate } from './watch/gate';
import { type LoopSettings, SamplingLoop } from './watch/samplingLoop';

const maxRateHz = 5_000;

function settingsFromCommandLine(): (LoopSettings & { readonly gate: boolean }) | undefined {
  const { values } = parseArgs({
    options: {
      pid: { type: 'string' },
      'run-dir': { type: 'string' },
      rate: { type: 'string', default: '1000' },
      children: { type: 'boolean', default: false },
      gate: { type: 'boolean', default: false },
    },
  });
  const [pid, rateHz] = [Number(values.pid), Number(values.rate)];
  const { 'run-dir': runDir, children, gate } = values;
  const isValid = Number.isInteger(pid) && pid > 0 && rateHz >= 1 && rateHz <= maxRateHz;
  return isValid && runDir !== undefined ? { pid, runDir, rateHz, children, gate } : undefined;
}

async function main(): Promise<number> {
  const asked = settingsFromCommandLine();
  if (asked === undefined) {
    process.stderr.write('usage: observer.js --pid PID --run-dir FOLDER [--rate HZ] [--children] [--gate]\n');
    return 2;
  }
  if (process.platform !== 'linux') {
    process.stderr.write('Pyrolens: The observer works on Linux only: choose another engine.\n');
    return 1;
  }
  const settings = asked.gate ? { ...asked, pid: await pidAtGate(asked) } : asked;
  const family = new Family(settings, say);
  const loop = new SamplingLoop(family, settings);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => loop.stop());
  family.begin();
  announce(`Observing process ${settings.pid}.\n`);
  await loop.run();
  return 0;
}

/** Not through `process.stdout`: to make Node's stream costs several milliseconds before the first look. */
function announce(line: string): void {
  try {
    writeSync(1, line);
  } catch {
    // Nobody listens any more.
  }
}

function say(sentence: string): void {
  process.stderr.write(`Pyrolens: ${sentence}\n`);
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    say((error as Error).message);
    process.exitCode = error instanceof CannotObserve ? 1 : 3;
  },
);
