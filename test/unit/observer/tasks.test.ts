import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { type Profile, sampleState } from '../../../src/shared/profile';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, laneStacks, observe, observedProfile, runFolder } from '../../helpers/observed';
import { chunkFiles, endingOf } from '../../helpers/observedProgram.mjs';
import { until, untilValue } from '../../helpers/until';

const program = resolve('test/fixtures/programs/known_tasks.py');
const limits = { timeout: 120_000 };
const tellsTasks = ({ version }: { version: string }) => Number(version.split('.')[1]) >= 14;
const pythons = process.platform === 'linux' ? (await findInterpreters()).filter(tellsTasks) : [];

/** Where each task waits, as the program says: outermost first. */
type Places = Readonly<Record<string, readonly (readonly [string, number])[]>>;

async function observedTasks(interpreter: Parameters<typeof atGate>[0], extra: number) {
  const runDir = runFolder();
  const target = await atGate(interpreter, [program, String(extra)], runDir);
  const observer = await observe(target.pid, runDir);
  target.letGo();
  const line = await until('the program', () => /^\{.*\}$/m.exec(target.output())?.[0]);
  const end = async () => {
    target.child.stdin.end();
    await Promise.all([target.ended, observer.ended]);
  };
  return { runDir, end, places: JSON.parse(line) as Places };
}

/** Names of the tasks that the main thread ran at samples with a function on the stack. */
function tasksRunIn(profile: Profile, frame: string): Map<string, number> {
  const main = profile.lanes.find(({ isMain }) => isMain) ?? assert.fail('no main thread');
  const found = new Map<string, number>();
  for (let index = main.firstSample; index < main.firstSample + main.sampleCount; index++) {
    if (!hasFrame(profile, profile.samples.node[index] ?? -1, frame)) continue;
    const name = profile.lanes[profile.samples.task[index] ?? -1]?.name ?? 'none';
    found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}

function hasFrame({ nodes, frames, functions, strings }: Profile, leaf: number, name: string): boolean {
  for (let node = leaf; node >= 0; node = nodes.parent[node] ?? -1) {
    const func = frames.func[nodes.frame[node] ?? 0] ?? 0;
    if (strings[functions.name[func] ?? 0] === name) return true;
  }
  return false;
}

for (const interpreter of pythons) {
  describe(`asyncio tasks of Python ${interpreter.version} (${interpreter.kind})`, limits, () => {
    it('have their names, and the chain of awaits in which they are suspended', limits, async () => {
      const { runDir, end, places } = await observedTasks(interpreter, 0);
      for (const [name, place] of Object.entries(places)) {
        const expected = place.map(([frame, line]) => `${frame}:${line}`).join();
        await untilValue(
          `${name} at ${expected}`,
          async () => laneStacks(await observedProfile(runDir), name).map(stack => stack.join()),
          stacks => stacks.some(stack => stack.startsWith(expected)),
        );
      }
      const { lanes, samples } = await observedProfile(runDir);
      await end();
      const lane = lanes.find(({ name }) => name === 'two deep') ?? assert.fail('no lane');
      assert.equal(lane.kind, 'task');
      assert.ok(lanes[lane.parent]?.isMain);
      const states = samples.state.subarray(lane.firstSample, lane.firstSample + lane.sampleCount);
      assert.ok(states.every(state => (state & sampleState.suspended) !== 0));
      assert.ok(Object.keys(places).some(name => /^Task-\d+$/.test(name)));
    });

    it('are told while a thread runs them', limits, async () => {
      const { runDir, end } = await observedTasks(interpreter, 0);
      const found = await untilValue(
        'samples of a task that computes',
        async () => tasksRunIn(await observedProfile(runDir), 'spin'),
        tasks => (tasks.get('spins') ?? 0) > 300,
      );
      await end();
      const all = [...found.values()].reduce((sum, count) => sum + count, 0);
      // A look in which the loop goes from one task to the next may see both.
      assert.ok((found.get('spins') ?? 0) >= all * 0.9, JSON.stringify([...found]));
    });

    it('end with the task, though others get the same place in memory', limits, async () => {
      const { runDir, end, places } = await observedTasks(interpreter, 0);
      const names = Object.keys(places);
      const found = async () => {
        const { lanes } = await observedProfile(runDir);
        return lanes.map(({ name }) => name).filter(name => names.includes(name));
      };
      await untilValue('all tasks', found, all => new Set(all).size === names.length);
      await end();
      assert.deepEqual((await found()).sort(), names.sort());
    });

    it('are looked at in turn where there are very many', limits, async () => {
      const { runDir, end } = await observedTasks(interpreter, 100);
      await untilValue(
        'all tasks',
        async () => {
          const { lanes } = await observedProfile(runDir);
          return new Set(lanes.filter(lane => lane.sampleCount > 0).map(({ name }) => name)).size;
        },
        count => count > 100,
        100_000,
      );
      await end();
      const { tasksLeftOut } = endingOf(runDir, chunkFiles(runDir)[0] ?? '') as { tasksLeftOut: number };
      assert.ok(tasksLeftOut >= 40 && tasksLeftOut <= 44, String(tasksLeftOut));
    });
  });
}
