import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, laneStacks, observe, observedProfile, runFolder } from '../../helpers/observed';
import { type AtGate, chunkFiles, endingOf } from '../../helpers/observedProgram.mjs';
import { until } from '../../helpers/until';

const program = resolve('test/fixtures/programs/known_stacks.py');
const ways = [
  ...['recursion', 'deep', 'deepest', 'generators', 'comprehension', 'property', 'with', 'exec', 'tasks'],
  ...['streams', 'threads'],
];

interface Parked {
  readonly name: string;
  readonly stack: string[];
}

/** What the program said of its threads once all of them are parked. */
function parkedThreads({ output }: AtGate, count: number): Parked[] | undefined {
  const lines = output().split('\n').slice(0, -1);
  if (lines.length < count) return undefined;
  return lines.map(line => {
    const { name, stack } = JSON.parse(line) as { name: string; stack: [string, number][] };
    return { name, stack: stack.map(([frame, lineNumber]) => `${frame}:${lineNumber}`) };
  });
}

const startsWith = (stack: readonly string[], start: readonly string[]) =>
  start.every((frame, index) => stack[index] === frame);

for (const interpreter of process.platform === 'linux' ? await findInterpreters() : []) {
  describe(`a stack of Python ${interpreter.version} (${interpreter.kind}) is seen as it is`, () => {
    for (const way of ways) {
      it(way, { timeout: 60_000 }, async () => {
        const runDir = runFolder();
        const target = await atGate(interpreter, [program, way], runDir);
        const observer = await observe(target.pid, runDir);
        target.letGo();
        const threads = await until('the program', () => parkedThreads(target, way === 'threads' ? 5 : 1));
        for (const { name, stack } of threads) {
          const shown = name.replace('\udcff', '\\udcff');
          await until(`the stack of ${shown}: ${stack.slice(-8)}`, async () => {
            const stacks = laneStacks(await observedProfile(runDir), shown);
            return (
              stacks.some(found => startsWith(found, stack)) ||
              assert.fail(JSON.stringify(stacks).slice(-1500))
            );
          });
        }
        target.child.stdin.end();
        await Promise.all([target.ended, observer.ended]);
        const profile = await observedProfile(runDir);
        for (const { name, stack } of threads) {
          const parks = (frame: string) => frame === stack.at(-1);
          const impossible = laneStacks(profile, name).filter(
            found => found.some(parks) && !startsWith(found, stack),
          );
          assert.deepEqual(impossible, []);
        }
        assert.equal(endingOf(runDir, chunkFiles(runDir)[0] ?? '')?.['reason'], 'exit');
      });
    }
  });
}
