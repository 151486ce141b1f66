import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Gil } from '../../../src/observer/threads/gil';
import { ThreadList } from '../../../src/observer/threads/threadList';
import { openAccess } from '../../../src/observer/watch/access';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, runFolder } from '../../helpers/observed';
import { until } from '../../helpers/until';

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

const interpreters = process.platform === 'linux' ? await findInterpreters() : [];

describe('the thread that computes is the one that holds the GIL', () => {
  for (const interpreter of interpreters) {
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
      const gil = new Gil(memory, layout, image.runtime);
      let heldCount = 0;
      for (let read = 0; read < readCount; read++) {
        gil.forget();
        if (gil.holder(spinner?.interpreter ?? 0) === spinner?.address) heldCount++;
      }
      memory.close();
      target.child.stdin.end();
      await target.ended;
      assert.ok(heldCount >= readCount * 0.95, `${heldCount} of ${readCount}`);
    });
  }
});
