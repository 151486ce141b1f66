import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isProcessAlive } from '../../../src/recorder/processAlive';
import { readRunManifest } from '../../../src/recorder/runFolder';
import { Measurement } from '../../../src/server/analyze/measurement';
import { wholeRun } from '../../../src/server/analyze/selection';
import type { EngineName } from '../../../src/shared/engines';
import { readProcesses, readRun } from '../../helpers/runLines';
import { insideCases, outsideCases } from './engineCases';
import { launch } from './launcherRig';

/** Computes and keeps memory, then ends as the test says. */
const programThat = (end: string, seconds = 0.3) => `import time
def work(seconds):
    kept.append(bytearray(3_000_000))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end: sum(range(20_000))
kept = []
work(${seconds})
${end}
`;
const minWorkNs = 0.15e9;
const minWorkBytes = 3e6;

const normalExit = { code: 0, signal: null };

interface Fault {
  readonly what: string;
  readonly end: string;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
  /** Engines to which nothing is left, because they save at the program’s end. */
  readonly lostTo?: readonly EngineName[];
  /** Nobody can tell our engines of it: what they have not written yet is lost. */
  readonly isUntold?: boolean;
}

const savingAtEnd: readonly EngineName[] = ['cprofile', 'tracemalloc', 'viztracer'];
/** Write what they know at least once a second. */
const writingNowAndThen: readonly EngineName[] = ['bundled-sampler', 'tracer'];

const childCount = 2;
/** Know of a child as soon as it begins, so that one of a moment has its lane; VizTracer's must not leave by `os._exit`. */
const followingAtOnce: readonly EngineName[] = ['bundled-sampler', 'tracer', 'tracemalloc', 'memray'];

const faults: readonly Fault[] = [
  {
    what: 'crashes',
    end: 'import ctypes; ctypes.string_at(0)',
    exit: { code: 139, signal: null },
    lostTo: savingAtEnd,
    isUntold: true,
  },
  {
    what: 'is killed',
    end: 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)',
    exit: { code: null, signal: 'SIGKILL' },
    lostTo: savingAtEnd,
    isUntold: true,
  },
  {
    what: 'leaves by os._exit',
    end: 'import os; os._exit(6)',
    exit: { code: 6, signal: null },
    lostTo: ['viztracer'],
  },
  {
    what: 'becomes another program',
    end: 'import os; os.execvp("true", ["true"])',
    exit: normalExit,
    lostTo: ['viztracer'],
  },
  {
    what: 'forks',
    end: `import os
for _ in range(${childCount}):
    if os.fork() == 0: work(0.1); os._exit(0)
for _ in range(${childCount}): os.wait()`,
    exit: normalExit,
  },
  { what: 'closes all its files', end: 'import os; os.closerange(0, 1000); work(0.1)', exit: normalExit },
  {
    what: 'clears its environment, goes to another folder and prints 100 MB',
    end: `import os, subprocess, sys
os.environ.clear(); os.chdir("/")
subprocess.run([sys.executable, "-c", ""], check=True)
for _ in range(100): sys.stdout.write("x" * 1048575 + "\\n")`,
    exit: normalExit,
  },
];

/** What the run says of `work`, in its own unit; calls where nothing else is measured. */
async function measuredWork(runDir: string): Promise<{ value: number; isEnough: boolean }> {
  const { profile } = await readRun(runDir);
  const { total } = new Measurement(profile, wholeRun).functions();
  let value = 0;
  for (let func = 0; func < profile.functions.length; func++) {
    if (!/(^|\.)work$/.test(profile.strings[profile.functions.name[func] ?? -1] ?? '')) continue;
    value += (profile.calls?.totalNs[func] ?? 0) + (total.totalNs[func] ?? 0);
  }
  return { value, isEnough: value >= (profile.info.unit === 'bytes' ? minWorkBytes : minWorkNs) };
}

function logOf(runDir: string): string {
  const path = join(runDir, 'collector.log');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function assertNoOrphan(runDir: string): Promise<void> {
  const { samplerPid, programPid } = await readRunManifest(runDir);
  assert.deepEqual(
    [samplerPid, programPid].filter(pid => pid !== undefined && isProcessAlive(pid)),
    [],
  );
}

/** Sentences about what else is lost, by engine and fault. */
function expectedLog(engine: EngineName, { what, lostTo = [] }: Fault): RegExp {
  if (lostTo.includes(engine))
    return /^\w+ recorded nothing: it saves at a program’s end, and this one .+: use (memray|the bundled tracer), which saves .+\.\n$/;
  if (engine === 'memray' && what === 'closes all its files')
    return /memray recorded only a part: the program closed all files, .* record with tracemalloc\.\n$/;
  return /^$/;
}

const cases = [...outsideCases, ...insideCases];
for (const { title, engine, found, ...names } of cases) {
  const skip = found ? false : 'it does not run here';
  describe(`a program under ${title}`, { skip }, () => {
    const setUp = { engine, ...names, ...(found ?? { tool: [], interpreter: [] }) };
    // As in containers. Such a Python loses what a tool cuts off its writes.
    const env = { ...found?.env, PYTHONUNBUFFERED: '1' };
    for (const fault of faults) {
      it(`that ${fault.what} ends as it would, and what was recorded is kept or its loss is told`, async () => {
        const seconds = fault.isUntold && writingNowAndThen.includes(engine) ? 1.4 : 0.3;
        const program = await launch({ source: programThat(fault.end, seconds), ...setUp, env });
        assert.deepEqual(await program.exit(), fault.exit, program.output().slice(-2000));
        assert.match(logOf(program.runDir), expectedLog(engine, fault));
        const { value, isEnough } = await measuredWork(program.runDir);
        assert.equal(isEnough, !fault.lostTo?.includes(engine), `measured ${value}`);
        await assertNoOrphan(program.runDir);
        if (/100 MB/.test(fault.what))
          assert.ok(program.output().length >= 100 * 1048576, `printed ${program.output().length}`);
        if (fault.what !== 'forks' || !followingAtOnce.includes(engine)) return;
        assert.equal((await readProcesses(program.runDir)).pids.length, 1 + childCount);
      });
    }
  });
}

describe('a program that becomes itself again', () => {
  const end = `import os, sys
if len(sys.argv) < 2: os.execv(sys.executable, [sys.executable, __file__, "again"])
work(0.7)`;
  const outside = (title: string) => outsideCases.find(found => found.title === title);
  const doubts = [
    {
      title: 'Austin 3.7',
      says: /^Austin did not record the last .+: it lost the program.+use another engine.+\.\n$/,
    },
    {
      title: 'py-spy',
      says: /^py-spy could not read \d+ % of its samples.+os\.exec.+use another engine.+\.\n$/,
    },
  ];
  for (const { title, says } of doubts) {
    it(`is lost to ${title}, which is said`, async () => {
      const { found, engine = 'py-spy', ...names } = outside(title) ?? {};
      const program = await launch({ source: programThat(end), engine, ...names, ...found });
      assert.deepEqual(await program.exit(), normalExit);
      assert.match(logOf(program.runDir), says);
      const { limits } = (await readRun(program.runDir)).profile.info;
      assert.deepEqual(limits.filter(limit => says.test(`${limit}\n`)).length, 1, 'the run says it too');
    });
  }

  for (const { title, engine, found, ...names } of cases.filter(({ engine }) =>
    ['bundled-sampler', 'tracer', 'observer', 'tachyon'].includes(engine),
  )) {
    it(`is recorded both times by ${title}`, { skip: found ? false : 'it does not run here' }, async () => {
      const program = await launch({
        source: programThat(end),
        engine,
        ...names,
        ...(found ?? { tool: [], interpreter: [] }),
      });
      assert.deepEqual(await program.exit(), normalExit);
      assert.equal(logOf(program.runDir), '');
      const { value } = await measuredWork(program.runDir);
      assert.ok(Math.abs(value - 1.3e9) < 0.25e9, `measured ${value}`);
    });
  }
});
