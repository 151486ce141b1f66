import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Interpreters } from '../../../src/observer/threads/interpreters';
import { ThreadList } from '../../../src/observer/threads/threadList';
import { openAccess } from '../../../src/observer/watch/access';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, runFolder } from '../../helpers/observed';
import { until, untilValue } from '../../helpers/until';

/** One thread computes and never waits; the other two never want to compute. */
const source = `import sys, threading
def spin():
    print(threading.get_ident(), flush=True)
    while True:
        sum(range(1000))
for target in (spin, threading.Event().wait):
    threading.Thread(target=target, daemon=True).start()
sys.stdin.read()
`;
const readCount = 400;

const pythons = process.platform === 'linux' ? await findInterpreters() : [];

describe('the thread that computes is the one that holds the GIL', () => {
  for (const interpreter of pythons) {
    it(`on Python ${interpreter.version} (${interpreter.kind})`, async () => {
      const runDir = runFolder();
      writeFileSync(join(runDir, 'program.py'), source);
      const target = await atGate(interpreter, [join(runDir, 'program.py')], runDir);
      target.letGo();
      const ident = await until('the ident', () => Number(/^(\d+)\n/.exec(target.output())?.[1] ?? 0));
      const { memory, layout, image } = openAccess(target.pid);
      const list = new ThreadList(memory, layout, image.runtime);
      const threads = await until('all threads', () => {
        const found = list.walk();
        return found?.length === 3 && found;
      });
      const spinner = threads.find(thread => thread.ident === ident);
      const interpreters = new Interpreters(memory, layout, image.runtime);
      const heldCount = () => {
        let count = 0;
        for (let read = 0; read < readCount; read++) {
          interpreters.forget();
          if (interpreters.at(spinner?.interpreter ?? 0).gilHolder === spinner?.address) count++;
        }
        return count;
      };
      // At first the others hold it too, until they wait.
      await untilValue('the spinner to hold it', heldCount, count => count >= readCount * 0.95);
      memory.close();
      target.child.stdin.end();
      await target.ended;
    });
  }
});
