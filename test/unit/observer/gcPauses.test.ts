import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, observe, observedProfile, runFolder } from '../../helpers/observed';
import { until, untilValue } from '../../helpers/until';

/** One thread computes with or without the collector, which has much to look at. */
const source = `import gc, sys, threading
gc.disable()
way = sys.argv[1]
junk = [[number] for number in range(300_000)]
def work():
    while True:
        sum(range(100_000))
        if way == "collect":
            gc.collect()
threading.Thread(target=work, name="work", daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
`;
const [oldest, unknown] = [2, 255];

async function observedWork(interpreter: Parameters<typeof atGate>[0], way: string) {
  const runDir = runFolder();
  const script = join(runDir, 'program.py');
  writeFileSync(script, source);
  const target = await atGate(interpreter, [script, way], runDir);
  const observer = await observe(target.pid, runDir);
  target.letGo();
  await until('the program', () => /ready/.test(target.output()));
  const end = async () => {
    target.child.stdin.end();
    await Promise.all([target.ended, observer.ended]);
  };
  return { runDir, end };
}

for (const interpreter of process.platform === 'linux' ? await findInterpreters() : []) {
  describe(`pauses of the garbage collector of Python ${interpreter.version} (${interpreter.kind})`, () => {
    it('have their thread and generation', { timeout: 60_000 }, async () => {
      const { runDir, end } = await observedWork(interpreter, 'collect');
      const pauses = async () => {
        const { gcPauses, lanes } = await observedProfile(runDir);
        return [...gcPauses.lane].map((lane, index) => ({
          thread: lanes[lane]?.name,
          generation: gcPauses.generation[index],
        }));
      };
      const found = await untilValue('some pauses', pauses, all => all.length >= 12);
      await end();
      const generation = interpreter.version.startsWith('3.15') ? unknown : oldest;
      // The first may be those of a lane that has no name yet.
      const later = found.slice(-8);
      assert.deepEqual([...new Set(later.map(({ thread }) => thread))], ['work']);
      // A look between a pause's end and its being counted cannot tell which it was. None may be taken for another.
      const told = later.filter(pause => pause.generation !== unknown);
      assert.ok(told.every(pause => pause.generation === generation));
      if (generation !== unknown) assert.ok(told.length >= 5, `${told.length} of ${later.length}`);
    });

    it('are not seen where it does not work', { timeout: 60_000 }, async () => {
      const { runDir, end } = await observedWork(interpreter, 'compute');
      const profile = await untilValue(
        'many samples',
        () => observedProfile(runDir),
        ({ samples }) => samples.length > 600,
      );
      await end();
      assert.equal(profile.gcPauses.length, 0);
    });
  });
}
