import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRunManifest } from '../../../src/recorder/runFolder';
import type { EngineName } from '../../../src/shared/engines';
import { packageTool } from '../../helpers/engineTools.mjs';
import { localPythons } from '../../helpers/localPythons';
import { readLineShares, readProcesses, readRun } from '../../helpers/runLines';
import { until } from '../../helpers/until';
import { launch, temporaryFolder } from './launcherRig';

const interpreter = [localPythons().find(({ version }) => version === '3.12')?.path ?? 'python3'];
const tools = { viztracer: packageTool('viztracer', '3.12'), memray: packageTool('memray', '3.12') };

function logOf(runDir: string): string {
  const path = join(runDir, 'collector.log');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

describe('a program that VizTracer traces', () => {
  const setUp = { engine: 'viztracer' as const, interpreter, ...tools.viztracer };
  const source = `import sys
def leaf(): pass
def work(count):
    for _ in range(count): leaf()
work(250)
`;

  it('keeps its exit code, and every call is counted', async () => {
    const program = await launch({ source: `${source}sys.exit(5)\n`, ...setUp });
    assert.deepEqual(await program.exit(), { code: 5, signal: null });
    const { profile } = await readRun(program.runDir);
    const calls = (name: string) =>
      profile.functions.name.reduce(
        (sum, id, func) => (profile.strings[id] === name ? sum + (profile.callCounts?.[func] ?? 0) : sum),
        0,
      );
    assert.deepEqual([calls('leaf'), calls('work')], [250, 1]);
    assert.equal(logOf(program.runDir), '');
  });

  it('is traced as deep as the user says', async () => {
    const options = { words: ['--max_stack_depth', '3'] };
    const program = await launch({ source, ...setUp, options });
    assert.equal((await program.exit()).code, 0);
    const { profile } = await readRun(program.runDir);
    const names = [...profile.functions.name].map(id => profile.strings[id]);
    assert.ok(names.includes('work') && !names.includes('leaf'), names.join());
  });

  it('has the calls of its children as lanes of the same run', async () => {
    const program = await launch({
      source: `${source}import multiprocessing
if __name__ == '__main__':
    with multiprocessing.get_context('fork').Pool(1) as pool: pool.map(work, [5])
`,
      ...setUp,
    });
    assert.equal((await program.exit()).code, 0);
    assert.ok((await readProcesses(program.runDir)).pids.length > 1);
  });

  it('cannot be left before its end, which is said, and is saved when it is asked to end', async () => {
    const program = await launch({
      source: `${source}print("ready", flush=True)\nsys.stdin.readline()\n`,
      ...setUp,
    });
    await until('the program', () => program.output().includes('ready'));
    program.send({ type: 'stop' });
    await program.message('cannotStop');
    program.launcher.kill('SIGTERM');
    await program.exit();
    assert.ok((await readRun(program.runDir)).profile.samples.length > 0);
  });

  it('runs as a module and as code', async () => {
    for (const entry of [
      { kind: 'module', name: 'timeit' },
      { kind: 'code', text: 'import sys; print(sys.argv)' },
    ] as const) {
      const program = await launch({ source: '', entry, args: ['-n', '1'], ...setUp });
      assert.equal((await program.exit()).code, 0, program.output());
      assert.match(program.output(), /1 loop|\['-c', '-n', '1'\]/);
      assert.ok((await readProcesses(program.runDir)).pids.length === 1);
    }
  });

  it('runs without it where it cannot be loaded, and the log says why', async () => {
    const program = await launch({
      source: 'print("ran")\nraise SystemExit(3)\n',
      ...setUp,
      env: { PYTHONPATH: null },
    });
    assert.equal((await program.exit()).code, 3);
    assert.match(program.output(), /ran/);
    assert.match(logOf(program.runDir), /^VizTracer recorded nothing: .*No module named 'viztracer'\.\n$/);
  });
});

/** A folder with a package of ours in a tool's place. */
function fakePackage(name: string, files: Readonly<Record<string, string>>): { readonly PYTHONPATH: string } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  return { PYTHONPATH: folder };
}

describe('a program whose tool', () => {
  it('hangs while it is loaded runs without it', async () => {
    const env = fakePackage('viztracer', { '__init__.py': 'import time; time.sleep(600)' });
    const program = await launch({ source: 'raise SystemExit(3)\n', interpreter, engine: 'viztracer', env });
    assert.equal((await program.exit()).code, 3);
    assert.match(logOf(program.runDir), /^VizTracer recorded nothing: it took more than 8 seconds\.\n$/);
  });

  it('cannot convert its file keeps it, and the log says why', async () => {
    const tracker = `class FileDestination:
    def __init__(self, path, overwrite): open(path, "w").close()
class Tracker:
    def __init__(self, **options): pass
    def __enter__(self): print("rubbish")
    def __exit__(self, *error): pass
`;
    const env = fakePackage('memray', {
      '__init__.py': tracker,
      '__main__.py': 'raise SystemExit("out of date")',
    });
    const program = await launch({ source: 'raise SystemExit(3)\n', interpreter, engine: 'memray', env });
    assert.equal((await program.exit()).code, 3);
    assert.match(
      logOf(program.runDir),
      /^memray recorded, but its file could not be converted: out of date\.\n$/,
    );
    assert.ok(existsSync(join(program.runDir, 'memray.bin')));
  });
});

const memory = `import sys
def keep(size): return bytearray(size)
large = keep(3_000_000)
small = keep(1_000_000)
`;
const [largeLine, smallLine] = [3, 4];

/** Prints the processes that keep memory in `keep`. */
const parent = `import multiprocessing, os, subprocess, sys
def keep():
    held.append(bytearray(3_000_000))
    print(os.getpid(), flush=True)
held = []
if sys.argv[1:] == ["child"]:
    keep()
elif __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        process = multiprocessing.get_context(method).Process(target=keep)
        process.start()
        process.join()
    pool = multiprocessing.get_context("spawn").Pool(1)
    pool.apply(keep)
    pool.terminate()
    pool.join()
    subprocess.run([sys.executable, __file__, "child"], check=True)
`;

/** Bytes in a function by process. */
async function bytesByProcess(runDir: string, name: string): Promise<Map<number, number>> {
  const { profile } = await readRun(runDir);
  const { nodes, frames, functions, samples, strings } = profile;
  const found = new Map<number, number>();
  for (const { pid, firstSample, sampleCount } of profile.lanes) {
    for (let sample = firstSample; sample < firstSample + sampleCount; sample++) {
      const func = frames.func[nodes.frame[samples.node[sample] ?? -1] ?? -1] ?? -1;
      if (strings[functions.name[func] ?? -1] !== name) continue;
      found.set(pid, (found.get(pid) ?? 0) + (samples.weightNs[sample] ?? 0));
    }
  }
  return found;
}

const memoryEngines: readonly {
  readonly engine: EngineName;
  readonly children: 'forked' | 'forked and started';
  readonly env?: Readonly<Record<string, string>>;
}[] = [
  { engine: 'tracemalloc', children: 'forked and started' },
  { engine: 'memray', children: 'forked', ...tools.memray },
];
for (const setUp of memoryEngines) {
  describe(`a program whose memory ${setUp.engine} records`, () => {
    it('keeps its exit code, and its lines have the bytes that they hold', async () => {
      const program = await launch({ source: `${memory}sys.exit(5)\n`, interpreter, ...setUp });
      assert.deepEqual(await program.exit(), { code: 5, signal: null });
      const shares = await readLineShares(program.runDir);
      assert.ok(Math.abs((shares.get(largeLine) ?? 0) - 0.75) < 0.05, JSON.stringify([...shares]));
      const { profile } = await readRun(program.runDir);
      assert.equal(profile.info.unit, 'bytes');
      assert.equal(logOf(program.runDir), '');
    });

    it('goes on when the recording is stopped, and what was recorded is there', async () => {
      const source = `${memory}print("ready", flush=True)\nsys.stdin.readline()\nlater = keep(9_000_000)\nprint("on")\n`;
      const program = await launch({ source, interpreter, ...setUp });
      await until('the program', () => program.output().includes('ready'));
      program.send({ type: 'stop' });
      assert.equal((await program.message('stopped')).busyProcessCount, 0);
      assert.ok(Math.abs(((await readLineShares(program.runDir)).get(smallLine) ?? 0) - 0.25) < 0.05);
      program.launcher.stdin?.end('\n');
      assert.equal((await program.exit()).code, 0);
      assert.match(program.output(), /on/);
      assert.equal((await readRunManifest(program.runDir)).state, 'stopped');
      assert.ok(((await readLineShares(program.runDir)).get(largeLine) ?? 0) > 0.7);
    });

    it(`has its ${setUp.children} children beside it, as lanes of the same run`, async () => {
      const program = await launch({ source: parent, interpreter, ...setUp });
      assert.equal((await program.exit()).code, 0, program.output());
      const found = await bytesByProcess(program.runDir, 'keep');
      const kept = program.output().match(/^\d+$/gm)?.map(Number) ?? [];
      const expected = setUp.children === 'forked' ? kept.slice(0, 1) : kept;
      assert.deepEqual([...found.keys()].sort(), expected.sort());
      assert.ok([...found.values()].every(bytes => bytes >= 3_000_000));
      assert.equal(logOf(program.runDir), '');
    });

    it('is recorded alone where children were left out', async () => {
      const program = await launch({
        source: parent,
        interpreter,
        ...setUp,
        options: { children: false },
      });
      assert.equal((await program.exit()).code, 0, program.output());
      assert.equal((await readProcesses(program.runDir)).pids.length, 1);
    });

    it('leaves tracebacks alone', async () => {
      const source = 'def f():\n    raise ValueError("mine")\nf()\n';
      const program = await launch({ source, interpreter, ...setUp });
      assert.equal((await program.exit()).code, 1);
      assert.match(program.output(), /Traceback.*line 3, in <module>.*line 2, in f.*ValueError: mine/s);
      assert.doesNotMatch(program.output(), /pyrolens_collect|memray/);
    });
  });
}

describe('a program whose memory memray records', () => {
  it('has what it held before it was killed, and memray’s own file', async () => {
    const source = `${memory}import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n`;
    const program = await launch({ source, interpreter, engine: 'memray', ...tools.memray });
    assert.deepEqual(await program.exit(), { code: null, signal: 'SIGKILL' });
    assert.ok(Math.abs(((await readLineShares(program.runDir)).get(largeLine) ?? 0) - 0.75) < 0.05);
    assert.ok(readdirSync(program.runDir).some(name => name.endsWith('.bin')));
  });

  it('runs without it where it cannot be loaded, and the log says why', async () => {
    const program = await launch({ source: 'raise SystemExit(3)\n', interpreter, engine: 'memray' });
    assert.equal((await program.exit()).code, 3);
    assert.match(logOf(program.runDir), /memray recorded nothing: .*No module named 'memray'\.\n$/);
  });
});

describe('what an engine runs', () => {
  const engines: readonly EngineName[] = ['bundled-sampler', 'cprofile', 'tracemalloc'];
  for (const engine of engines) {
    it(`may be a module or code for ${engine}`, async () => {
      const code = 'import sys; print(sys.argv, __spec__)';
      const asCode = await launch({ source: '', entry: { kind: 'code', text: code }, args: ['x'], engine });
      assert.equal((await asCode.exit()).code, 0);
      assert.match(asCode.output(), /\['-c', 'x'\] None/);
      const asModule = await launch({
        source: '',
        entry: { kind: 'module', name: 'timeit' },
        args: ['-n1'],
        engine,
      });
      assert.equal((await asModule.exit()).code, 0);
      assert.match(asModule.output(), /1 loop/);
    });
  }
});
