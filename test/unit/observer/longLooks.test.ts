import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ChunkCopy, ChunkHints } from '../../../src/observer/memory/frameMemory';
import { TargetMemory } from '../../../src/observer/memory/targetMemory';
import { RawStack } from '../../../src/observer/stacks/rawStack';
import { StackReader } from '../../../src/observer/stacks/stackReader';
import { LastStack } from '../../../src/observer/stacks/stackTable';
import { ThreadList } from '../../../src/observer/threads/threadList';
import { openAccess } from '../../../src/observer/watch/access';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, runFolder } from '../../helpers/observed';
import { until } from '../../helpers/until';

/** Each read takes this long, as if the processor had been taken away meanwhile. */
class HaltingMemory extends TargetMemory {
  haltMs = 0;

  override readUpTo(address: number, into: Uint8Array, byteCount: number): number {
    const untilMs = performance.now() + this.haltMs;
    while (performance.now() < untilMs);
    return super.readUpTo(address, into, byteCount);
  }
}

const newest = process.platform === 'linux' ? (await findInterpreters()).at(-1) : undefined;

it('a look that took too long is no stack, though its frames seem to fit', { skip: !newest }, async () => {
  const source = 'import sys\nprint("ready", flush=True)\nsys.stdin.read()';
  const target = await atGate(newest ?? assert.fail(), ['-c', source], runFolder());
  target.letGo();
  await until('the program', () => /ready/.test(target.output()));
  const { memory: plain, layout, image } = openAccess(target.pid);
  const memory = new HaltingMemory(target.pid);
  const [main] = new ThreadList(memory, layout, image.runtime).walk() ?? [];
  const place = {
    address: main?.address ?? 0,
    chunks: new ChunkHints(memory),
    root: 0,
    cFrame: 0,
    last: new LastStack(),
    copy: new ChunkCopy(),
  };
  const reader = new StackReader(memory, layout);
  const stack = new RawStack();
  await until('a quick look', () => reader.read(place, stack) && stack.depth === 1);
  memory.haltMs = 2;
  assert.equal(reader.read(place, stack), false);
  memory.haltMs = 0;
  await until('a quick look again', () => reader.read(place, stack));
  target.child.stdin.end();
  await target.ended;
  for (const one of [plain, memory]) one.close();
});
