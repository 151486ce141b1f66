import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, observe, runFolder } from '../../helpers/observed';
import { chunkFiles, endingOf } from '../../helpers/observedProgram.mjs';
import { until } from '../../helpers/until';

const isHere = process.platform === 'linux';
const interpreters = isHere ? await findInterpreters() : [];

/** The moment from which the first tick of a stream counts (`src/collectors/FORMAT.md`): on the clock of `hrtime`. */
function firstTickBaseNs(stream: Buffer): bigint {
  const [headerBytes, chunkHeaderBytes, dataKind] = [16, 12, 2];
  let at = headerBytes;
  while (stream[at + 4] !== dataKind) at += chunkHeaderBytes + stream.readUInt32LE(at);
  return stream.readBigUInt64LE(at + chunkHeaderBytes);
}

describe('the observer at the gate', { skip: !isHere }, () => {
  for (const python of interpreters) {
    it(`finds its way in Python ${python.version} (${python.kind})`, async () => {
      const runDir = runFolder();
      const target = await atGate(python, ['-c', 'pass'], runDir);
      const observer = await observe(target.pid, runDir);
      assert.match(observer.output(), /Observing process/);
      target.letGo();
      assert.equal((await target.ended).code, 0);
    });
  }

  const [python] = interpreters;
  it('does not look at a Python in which it finds something else than waits there', {
    skip: python === undefined,
  }, async () => {
    const runDir = runFolder();
    const target = await atGate(python ?? { command: [] }, ['-c', 'pass'], runDir);
    const waiting = join(runDir, 'gate.waiting');
    const [pid, firstLine] = readFileSync(waiting, 'utf8').split(' ').map(Number);
    assert.equal(pid, target.pid);
    writeFileSync(waiting, `${pid} ${(firstLine ?? 0) + 1}`);
    const observer = await observe(target.pid, runDir);
    assert.deepEqual(await observer.ended, { code: 1, signal: null });
    assert.match(
      observer.output(),
      /^Pyrolens: The observer does not find its way in this build of Python 3/,
    );
    assert.deepEqual(chunkFiles(runDir), []);
    target.letGo();
  });

  it('counts no time before the program was let go', { skip: python === undefined }, async () => {
    const runDir = runFolder();
    const source = 'import time; end = time.time() + .2\nwhile time.time() < end: pass';
    const target = await atGate(python ?? { command: [] }, ['-c', source], runDir);
    const observer = await observe(target.pid, runDir);
    const letGoNs = process.hrtime.bigint();
    target.letGo();
    await observer.ended;
    const stream = readFileSync(join(runDir, chunkFiles(runDir)[0] ?? ''));
    assert.ok(firstTickBaseNs(stream) >= letGoNs);
  });

  it('ends with a program that is killed there', { skip: python === undefined }, async () => {
    const runDir = runFolder();
    const target = await atGate(python ?? { command: [] }, ['-c', 'pass'], runDir);
    const observer = await observe(target.pid, runDir);
    target.child.kill('SIGKILL');
    assert.equal((await observer.ended).code, 0);
    assert.equal(endingOf(runDir, chunkFiles(runDir)[0] ?? '')?.['reason'], 'exit');
  });

  it('looks at a program that goes on without having been let go', {
    skip: python === undefined,
  }, async () => {
    const runDir = runFolder();
    const source = 'import sys; print("on", flush=True); sys.stdin.read()';
    const target = await atGate(python ?? { command: [] }, ['-c', source], runDir);
    const observer = await observe(target.pid, runDir);
    rmSync(join(runDir, 'gate.waiting'));
    await until('a look', () => readFileSync(join(runDir, chunkFiles(runDir)[0] ?? '')).length > 1000);
    target.letGo();
    target.child.stdin.end();
    await observer.ended;
  });
});
