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
const patienceMs = 60_000;
const limits = { timeout: 2 * patienceMs };

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

/** The pauses so far. Before the program's own code Python itself may collect, in the main thread. */
async function pausesOf(runDir: string) {
  const { gcPauses, lanes } = await observedProfile(runDir);
  return [...gcPauses.lane].map((lane, index) => ({
    thread: lanes[lane]?.name,
    generation: gcPauses.generation[index],
  }));
}

for (const interpreter of process.platform === 'linux' ? await findInterpreters() : []) {
  const tellsGeneration = !interpreter.version.startsWith('3.15');
  /** A look between a pause's end and its being counted cannot tell which it was. */
  const isTold = ({ generation }: { generation?: number }) =>
    tellsGeneration ? generation !== unknown : generation === unknown;

  describe(`pauses of the garbage collector of Python ${interpreter.version} (${interpreter.kind})`, () => {
    it('have their thread and generation', limits, async () => {
      const { runDir, end } = await observedWork(interpreter, 'collect');
      const workPauses = async () => {
        const pauses = await pausesOf(runDir);
        const first = pauses.findIndex(({ thread }) => thread === 'work');
        return first < 0 ? [] : pauses.slice(first);
      };
      const isEnough = (pauses: Awaited<ReturnType<typeof workPauses>>) => pauses.filter(isTold).length >= 8;
      const found = await untilValue('pauses that are told', workPauses, isEnough, patienceMs);
      await end();
      assert.deepEqual([...new Set(found.map(({ thread }) => thread))], ['work']);
      const generations = new Set(found.filter(isTold).map(({ generation }) => generation));
      assert.deepEqual([...generations], [tellsGeneration ? oldest : unknown]);
    });

    it(
      'do not count when the interpreter ends, where nothing of the program waits for them',
      limits,
      async () => {
        const { runDir, end } = await observedWork(interpreter, 'compute');
        await end();
        const { gcPauses, samples } = await observedProfile(runDir);
        const inProgram = [...gcPauses.startNs].filter((startNs, index) => {
          const endNs = startNs + (gcPauses.durationNs[index] ?? 0);
          const during = [...samples.endNs.keys()].filter(
            at => (samples.endNs[at] ?? 0) > startNs && (samples.endNs[at] ?? 0) <= endNs,
          );
          return during.some(at => (samples.node[at] ?? -1) >= 0);
        });
        assert.equal(inProgram.length, gcPauses.length);
      },
    );

    it('are not seen where it does not work', limits, async () => {
      const { runDir, end } = await observedWork(interpreter, 'compute');
      await untilValue(
        'many samples of the thread that computes',
        async () => {
          const { lanes } = await observedProfile(runDir);
          return lanes.find(({ name }) => name === 'work')?.sampleCount ?? 0;
        },
        count => count > 300,
        patienceMs,
      );
      const pauses = await pausesOf(runDir);
      await end();
      assert.deepEqual(
        pauses.filter(({ thread }) => thread === 'work'),
        [],
      );
    });
  });
}
