import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import type { Profile } from '../../../src/shared/profile';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, laneStacks, observe, observedRun, runFolder } from '../../helpers/observed';
import { chunkFiles } from '../../helpers/observedProgram.mjs';
import { untilValue } from '../../helpers/until';

const program = resolve('test/fixtures/programs/hooked_program.py');
const limits = { timeout: 120_000 };
const blockedNs = 30e6;
const oldestGeneration = 2;
const pythons = process.platform === 'linux' ? await findInterpreters() : [];

/** A program with hooks that the observer looked at to its end, and how often it says that its thread collected. */
async function observedWithHooks(interpreter: Parameters<typeof atGate>[0]) {
  const runDir = runFolder();
  const hooks = { PYROLENS_RUN_DIR: runDir, PYROLENS_HOOKS: 'only' };
  const target = await atGate(interpreter, [program], runDir, hooks);
  const observer = await observe(target.pid, runDir);
  target.letGo();
  await untilValue(
    'what is to be measured',
    async () => (await observedRun(runDir)).profile,
    profile =>
      laneStacks(profile, 'waits').length > 0 &&
      blockingSteps(profile).length >= 3 &&
      handoffCount(profile) > 0,
  );
  target.child.stdin.end();
  await Promise.all([target.ended, observer.ended]);
  const said = /^\{.*\}$/m.exec(target.output())?.[0] ?? assert.fail(target.output());
  const { profile, problems } = await observedRun(runDir);
  assert.deepEqual(problems, []);
  return { profile, runDir, collectionCount: (JSON.parse(said) as { collections: number }).collections };
}

const handoffCount = ({ handoffs }: Profile) => handoffs?.length ?? 0;

/** Long steps of the task that blocks its loop. */
function blockingSteps(profile: Profile): number[] {
  const { durationNs, task } = profile.loops?.steps ?? { durationNs: [], task: [] };
  const blocks = named(profile, 'blocks');
  return [...task.keys()].filter(at => task[at] === blocks && (durationNs[at] ?? 0) >= blockedNs);
}

const named = ({ lanes }: Profile, name: string) => lanes.findIndex(lane => lane.name === name);

for (const interpreter of pythons) {
  describe(`hooks in an observed Python ${interpreter.version} (${interpreter.kind})`, limits, () => {
    it('give what they measure to the observer’s lanes, each once', limits, async () => {
      const { profile, runDir, collectionCount } = await observedWithHooks(interpreter);
      const { lanes, gcPauses } = profile;
      const { loops, handoffs } = profile;
      assert.ok(loops && handoffs);
      const sorts = chunkFiles(runDir).map(name => name.split('-')[0]);
      assert.deepEqual(sorts.sort(), ['hooks', 'samples']);

      const threads = lanes.filter(({ kind }) => kind === 'thread').map(({ name }) => name);
      assert.deepEqual(threads.sort(), ['MainThread', 'pool_0']);
      const [main, pool] = [named(profile, 'MainThread'), named(profile, 'pool_0')];
      assert.ok((lanes[main]?.sampleCount ?? 0) > 100);

      const tasks = lanes.filter(({ name }) => name === 'blocks' || name === 'waits');
      assert.deepEqual(tasks.map(({ name, parent }) => `${name} ${parent}`).sort(), [
        `blocks ${main}`,
        `waits ${main}`,
      ]);

      assert.ok(blockingSteps(profile).every(at => loops.steps.lane[at] === main));

      const collections = [...gcPauses.lane.keys()].filter(at => gcPauses.lane[at] === pool);
      assert.deepEqual(
        collections.map(at => gcPauses.generation[at]),
        Array.from({ length: collectionCount }, () => oldestGeneration),
      );
      assert.deepEqual([handoffs.lane[0], handoffs.workerLane[0]], [main, pool]);

      const places = laneStacks(profile, 'waits').map(stack => stack[0]?.split(':')[0]);
      assert.deepEqual([...new Set(places)], ['waits']);
    });
  });
}
