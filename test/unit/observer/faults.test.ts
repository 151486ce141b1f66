import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isProcessAlive } from '../../../src/recorder/processAlive';
import {
  atGate,
  builtObserver,
  laneStacks,
  observe,
  observedProfile,
  runFolder,
} from '../../helpers/observed';
import { chunkFiles, endingOf } from '../../helpers/observedProgram.mjs';
import { until, untilValue } from '../../helpers/until';

const python = { command: [process.env['PYROLENS_TEST_PYTHON'] ?? 'python3'] };
/** The time is that of all tests of a group together, and a busy machine takes long; each wait has its own limit. */
const limits = { timeout: 600_000, skip: process.platform !== 'linux' && 'the observer works on Linux only' };
const isRoot = process.getuid?.() === 0;
const readOnly = 0o3;

const spin = `import sys, threading, time
def spin():
    while not done:
        sum(range(100))
done = False
def wait():
    global done
    print("ready", flush=True)
    sys.stdin.read()
    done = True
threading.Thread(target=wait).start()
spin()
print("went on", flush=True)
`;

/** A program that is looked at, once its own code runs. */
async function observed(source: string, options: readonly string[] = [], isReady = /ready/) {
  const runDir = runFolder();
  const script = join(runDir, 'program.py');
  writeFileSync(script, source);
  const target = await atGate(python, [script], runDir);
  const observer = await observe(target.pid, runDir, options);
  target.letGo();
  await until('the program', () => isReady.test(target.output()));
  return { runDir, target, observer };
}

const hasFrame = async (runDir: string, name: string, pid?: number) => {
  const profile = await observedProfile(runDir, pid);
  return laneStacks(profile, 'MainThread').some(stack => stack.some(frame => frame.startsWith(name)));
};

describe('the observer and what happens to a program', limits, () => {
  it('ends with the program and says so', async () => {
    const { runDir, target, observer } = await observed(spin);
    await until('a look', () => hasFrame(runDir, 'spin'));
    target.child.stdin.end();
    assert.equal((await target.ended).code, 0);
    assert.equal((await observer.ended).code, 0);
    const ending = endingOf(runDir, chunkFiles(runDir)[0] ?? '');
    assert.equal(ending?.['reason'], 'exit');
    assert.ok(Number(ending?.['samplerCpuNs']) > 0);
  });

  it('ends when the program is killed', async () => {
    const { runDir, target, observer } = await observed(spin);
    await until('a look', () => hasFrame(runDir, 'spin'));
    process.kill(target.pid, 'SIGKILL');
    assert.equal((await observer.ended).code, 0);
    assert.equal(endingOf(runDir, chunkFiles(runDir)[0] ?? '')?.['reason'], 'exit');
  });

  for (const way of ['SIGINT', 'SIGTERM', 'the stop file'] as const) {
    it(`stops on ${way}, and the program goes on`, async () => {
      const { runDir, target, observer } = await observed(spin);
      await until('a look', () => hasFrame(runDir, 'spin'));
      if (way === 'the stop file') writeFileSync(join(runDir, 'stop'), '');
      else observer.child.kill(way);
      assert.equal((await observer.ended).code, 0);
      assert.equal(endingOf(runDir, chunkFiles(runDir)[0] ?? '')?.['reason'], 'stopped');
      target.child.stdin.end();
      assert.equal((await target.ended).code, 0);
      assert.match(target.output(), /went on/);
    });
  }

  it('killed itself, leaves the program unharmed and a stream that opens', async () => {
    const { runDir, target, observer } = await observed(spin);
    await until('a look', () => hasFrame(runDir, 'spin'));
    observer.child.kill('SIGKILL');
    await observer.ended;
    assert.ok(await hasFrame(runDir, 'spin'));
    assert.equal(endingOf(runDir, chunkFiles(runDir)[0] ?? ''), undefined);
    target.child.stdin.end();
    assert.equal((await target.ended).code, 0);
  });

  it('goes on while the program is stopped', async () => {
    const { runDir, target, observer } = await observed(spin);
    await until('a look', () => hasFrame(runDir, 'spin'));
    process.kill(target.pid, 'SIGSTOP');
    const { durationNs } = (await observedProfile(runDir)).info;
    await until('looks at the stopped program', async () => {
      return (await observedProfile(runDir)).info.durationNs > durationNs + 0.3e9;
    });
    process.kill(target.pid, 'SIGCONT');
    target.child.stdin.end();
    assert.equal((await target.ended).code, 0);
    assert.equal((await observer.ended).code, 0);
  });

  it('follows a program into the one that it becomes', async () => {
    const source = `import os, sys
def second():
    print("ready", flush=True)
    sys.stdin.read()
def first():
    os.execv(sys.executable, [sys.executable, __file__, "second"])
second() if sys.argv[1:] else first()
`;
    const { runDir, target, observer } = await observed(source);
    await until('both streams', async () => {
      const streams = chunkFiles(runDir).sort((a, b) => a.localeCompare(b));
      return streams.length === 2 && endingOf(runDir, streams[0] ?? '')?.['reason'] === 'exit';
    });
    target.child.stdin.end();
    await Promise.all([target.ended, observer.ended]);
    const second = chunkFiles(runDir).sort((a, b) => start(a) - start(b))[1] ?? '';
    assert.match(readFileSync(join(runDir, second)).toString('latin1'), /second/);
  });

  it('follows children, forked and started, each into a stream of its own', async () => {
    const source = `import os, subprocess, sys
code = "def started():\\n    import sys\\n    print('ready', flush=True)\\n    sys.stdin.read()\\nstarted()"
def forked():
    os.read(end, 1)
end, other = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(other)
    forked()
    os._exit(0)
subprocess.run([sys.executable, "-c", code])
os.close(other)
os.waitpid(pid, 0)
`;
    const { runDir, target, observer } = await observed(source, ['--children']);
    const names = await until('three streams', () => {
      return chunkFiles(runDir).length === 3 && chunkFiles(runDir);
    });
    const pids = names.map(name => Number(name.split('-')[1])).filter(pid => pid !== target.pid);
    await until('the functions of both children', async () => {
      const found = [];
      for (const name of ['started', 'forked']) {
        for (const pid of pids) if (await hasFrame(runDir, name, pid)) found.push(name);
      }
      return found.join() === 'started,forked';
    });
    target.child.stdin.end();
    assert.equal((await target.ended).code, 0);
    await observer.ended;
    assert.deepEqual(
      chunkFiles(runDir).map(name => endingOf(runDir, name)?.['reason']),
      ['exit', 'exit', 'exit'],
    );
  });

  it('follows the children of a fork server, which have its command line', async () => {
    const source = `import multiprocessing, sys
def served():
    print("ready", flush=True)
    sys.stdin = open(0)
    sys.stdin.read()
if __name__ == "__main__":
    process = multiprocessing.get_context("forkserver").Process(target=served)
    process.start()
    process.join()
`;
    const { runDir, target, observer } = await observed(source, ['--children']);
    const pid = () => {
      const names = chunkFiles(runDir).map(name => Number(name.split('-')[1]));
      return names.find(found => found !== target.pid);
    };
    await until('the child of the server', async () => {
      const child = pid();
      return child !== undefined && hasFrame(runDir, 'served', child);
    });
    target.child.stdin.end();
    assert.equal((await target.ended).code, 0);
    await observer.ended;
    assert.equal(chunkFiles(runDir).length, 2);
  });

  it('shows threads that come and go', async () => {
    const source = `import sys, threading
def short():
    sys.stdin.readline()
print("ready", flush=True)
for number in range(5):
    thread = threading.Thread(target=short, name=f"short {number}")
    thread.start()
    thread.join()
`;
    const { runDir, target, observer } = await observed(source);
    const names = ['short 0', 'short 1', 'short 2', 'short 3', 'short 4'];
    for (const name of names) {
      await until(name, async () =>
        laneStacks(await observedProfile(runDir), name).some(stack => stack.includes('short:3')),
      );
      target.child.stdin.write('\n');
    }
    await Promise.all([target.ended, observer.ended]);
    const { lanes } = await observedProfile(runDir);
    assert.deepEqual(
      lanes.filter(({ isMain }) => !isMain).map(({ name }) => name),
      names,
    );
    assert.equal(lanes.filter(({ isMain }) => isMain).length, 1);
  });

  it('shows five hundred threads, each with its name and place', async () => {
    const source = `import sys, threading
done = threading.Event()
def parked():
    done.wait()
threading.stack_size(256 * 1024)
threads = [threading.Thread(target=parked, name=f"parked {number}") for number in range(500)]
for thread in threads:
    thread.start()
print("ready", flush=True)
sys.stdin.read()
done.set()
`;
    const { runDir, target, observer } = await observed(source);
    const parkedLanes = async () => {
      const { lanes, samples, nodes } = await observedProfile(runDir);
      const isDeep = (node: number) => (nodes.parent[node] ?? -1) >= 0;
      const found = lanes.filter(
        ({ name, firstSample, sampleCount }) =>
          name.startsWith('parked') && isDeep(samples.node[firstSample + sampleCount - 1] ?? -1),
      );
      return new Set(found.map(({ name }) => name)).size;
    };
    await untilValue('all threads', parkedLanes, count => count === 500, 120_000);
    target.child.stdin.end();
    assert.equal((await target.ended).code, 0);
    await observer.ended;
  });
});

describe('the observer keeps its hands off', limits, () => {
  it('opens nothing of the program for writing', async () => {
    const { runDir, target, observer } = await observed(spin);
    await until('a look', () => hasFrame(runDir, 'spin'));
    const own = `/proc/${observer.child.pid}`;
    const opened = readdirSync(`${own}/fd`)
      .map(fd => ({ fd, path: linkOf(`${own}/fd/${fd}`) }))
      .filter(({ path }) => path.startsWith(`/proc/${target.pid}/`));
    assert.ok(opened.some(({ path }) => path.endsWith('/mem')));
    for (const { fd, path } of opened) {
      const flags = /flags:\s+(\d+)/.exec(readFileSync(`${own}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
      assert.equal(Number.parseInt(flags, 8) & readOnly, 0, `${path} ${flags}`);
    }
    assert.match(readFileSync(`/proc/${target.pid}/status`, 'utf8'), /TracerPid:\s+0\n/);
    target.child.stdin.end();
    await target.ended;
  });

  it('says in one sentence that it is not allowed to look', {
    skip: !isRoot && 'another user’s process is needed',
  }, async () => {
    const { runDir, target, observer } = await observed(spin);
    const { stderr } = spawnSync(process.execPath, ['-e', asNobody(await builtObserver())], {
      encoding: 'utf8',
      argv0: 'node',
      env: {
        ...process.env,
        OBSERVER_WORDS: JSON.stringify(['--pid', `${target.pid}`, '--run-dir', runDir]),
      },
    });
    assert.match(stderr, /^Pyrolens: Linux does not allow to read process \d+: [^\n]+\.\n$/);
    assert.equal(observer.child.exitCode, null);
    assert.ok(isProcessAlive(target.pid));
    target.child.stdin.end();
    await target.ended;
  });

  it('says in one sentence that a process runs no Python, and that there is none', async () => {
    const runDir = runFolder();
    const said = (await observe(process.pid, runDir)).output();
    assert.equal(said, `Pyrolens: Process ${process.pid} runs no CPython 3.\n`);
    const gone = (await observe(999_999_999, runDir)).output();
    assert.equal(gone, 'Pyrolens: There is no process 999999999 any more.\n');
    assert.deepEqual(chunkFiles(runDir), []);
  });
});

/** Loads the bundle as root, who may read it, and runs it as nobody. */
function asNobody(bundle: string): string {
  return `process.argv = [process.argv[0], ...JSON.parse(process.env.OBSERVER_WORDS)];
    const file = ${JSON.stringify(bundle)};
    const text = require('node:fs').readFileSync(file, 'utf8');
    process.setgid(65534); process.setuid(65534);
    new Function('require', '__dirname', text)(require, '/');`;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function start(name: string): number {
  return Number.parseInt(/-([0-9a-f]+)\.chunks$/.exec(name)?.[1] ?? '', 16);
}
