import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { blockingCalls } from '../../../src/observer/kernel/callKinds';
import { sampleState, waitReasons } from '../../../src/shared/profile';
import { findInterpreters } from '../../helpers/interpreters.mjs';
import { atGate, laneReasons, observe, observedProfile, runFolder } from '../../helpers/observed';
import { until, untilValue } from '../../helpers/until';

/** The time is that of all tests of a group together, and a busy machine takes long; each wait has its own limit. */
const limits = { timeout: 600_000, skip: process.platform !== 'linux' && 'the observer works on Linux only' };
const collectors = { ...process.env, PYTHONPATH: resolve('src/collectors') };
const waits = resolve('test/fixtures/programs/known_waits.py');
const interpreters = process.platform === 'linux' ? await findInterpreters() : [];
const newest = interpreters.at(-1);

/** The program under the observer, once it has said that it is ready. */
async function observed(interpreter: Parameters<typeof atGate>[0], script: string) {
  const runDir = runFolder();
  const target = await atGate(interpreter, [script], runDir);
  const observer = await observe(target.pid, runDir);
  target.letGo();
  await until('the program', () => /ready/.test(target.output()));
  return { runDir, target, observer };
}

async function observedSource(source: string) {
  const script = join(runFolder(), 'program.py');
  writeFileSync(script, source);
  return observed(newest ?? assert.fail('no Python'), script);
}

describe('why a thread waits', limits, () => {
  for (const interpreter of interpreters) {
    it(`is what it waits for, on Python ${interpreter.version} (${interpreter.kind})`, async () => {
      const { runDir, target, observer } = await observed(interpreter, waits);
      const wrong = async () => {
        const profile = await observedProfile(runDir);
        const lanes = profile.lanes.filter(({ name }) => name.includes('.'));
        return lanes.length < 17
          ? [`${lanes.length} threads`]
          : lanes
              .map(lane => [lane.name.split(' ')[0], laneReasons(profile, lane).at(-1), lane.name])
              .filter(([expected, reason]) => expected !== reason);
      };
      await untilValue('all threads to wait', wrong, found => found.length === 0);
      target.child.stdin.end();
      await Promise.all([target.ended, observer.ended]);
    });
  }

  it('is the GIL while another thread computes, and one of them holds it', async () => {
    const { runDir, target, observer } = await observedSource(`import sys, threading
def spin():
    while True:
        sum(range(1000))
for name in ("one", "other"):
    threading.Thread(target=spin, name=name, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
`);
    const facts = async () => {
      const profile = await observedProfile(runDir);
      const lanes = profile.lanes.filter(({ name }) => name === 'one' || name === 'other');
      const has = (bit: number) =>
        lanes.every(({ firstSample: first, sampleCount: count }) =>
          profile.samples.state.subarray(first, first + count).some(state => (state & bit) !== 0),
        );
      const waited = lanes.filter(lane => laneReasons(profile, lane).includes('rt.gil')).length;
      return { waited, holds: has(sampleState.holdsGil), wants: has(sampleState.wantsGil) };
    };
    const isSeen = ({ waited, holds, wants }: Awaited<ReturnType<typeof facts>>) =>
      waited === 2 && holds && wants;
    await untilValue('both in both roles', facts, isSeen);
    target.child.stdin.end();
    await Promise.all([target.ended, observer.ended]);
  });

  it('is the queue for a processor while another process has it', async () => {
    const { runDir, target, observer } = await observedSource(`import os, sys, threading
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
parent = os.getpid()
if os.fork() == 0:
    while os.getppid() == parent:
        pass
    os._exit(0)
def spin():
    while True:
        pass
threading.Thread(target=spin, name="spin", daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
`);
    await until('samples in the queue', async () => {
      const profile = await observedProfile(runDir);
      const lane = profile.lanes.find(({ name }) => name === 'spin');
      const reasons = lane ? laneReasons(profile, lane) : [];
      return reasons.filter(reason => reason === 'sched.runq').length > reasons.length / 10;
    });
    target.child.stdin.end();
    await Promise.all([target.ended, observer.ended]);
  });

  it('is that the process is stopped', async () => {
    const { runDir, target, observer } = await observedSource(`import sys, threading, time
print("ready", flush=True)
sys.stdin.read()
`);
    process.kill(target.pid, 'SIGSTOP');
    await until('a stopped thread', async () => {
      const profile = await observedProfile(runDir);
      return profile.lanes.some(lane => laneReasons(profile, lane).at(-1) === 'sched.frozen');
    });
    process.kill(target.pid, 'SIGCONT');
    target.child.stdin.end();
    await Promise.all([target.ended, observer.ended]);
  });
});

describe('the numbers of system calls', limits, () => {
  const headers = [
    ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h', 1],
    ['/usr/include/asm-generic/unistd.h', 2],
  ] as const;
  for (const [header, column] of headers) {
    it(`are those of ${header}`, { skip: !existsSync(header) && 'the header is not here' }, () => {
      const defined = readFileSync(header, 'utf8').matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm);
      const numbers = new Map([...defined].map(([, name, number]) => [name, Number(number)]));
      const rows = Object.values(blockingCalls).flat();
      const wrong = rows.filter(row => row[column] !== (numbers.get(row[0]) ?? -1));
      assert.deepEqual(wrong, []);
    });
  }

  it('and the reasons are the same for the sampler, which asks the kernel itself', () => {
    const script =
      'import json; from pyrolens_collect import wait_codes as w; print(json.dumps([w.CALLS, w.REASONS]))';
    const { stdout } = spawnSync('python3', ['-c', script], { env: collectors, encoding: 'utf8' });
    const numbers = Object.entries(blockingCalls).map(([kind, rows]) => [
      kind,
      rows.map(([, x64, arm64]) => [x64, arm64]),
    ]);
    assert.deepEqual(JSON.parse(stdout), [Object.fromEntries(numbers), waitReasons]);
  });
});
