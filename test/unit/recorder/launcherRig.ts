import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { build } from 'esbuild';
import type { FromLauncher, ToLauncher } from '../../../src/recorder/controlMessages';
import { type ControlServer, listenForLauncher } from '../../../src/recorder/controlServer';
import type { EngineOptions, Entry } from '../../../src/recorder/engines/engine';
import { launcherTextsEnglish, writeLaunchPlan } from '../../../src/recorder/launchPlan';
import { createRun } from '../../../src/recorder/runFolder';
import type { EngineName } from '../../../src/shared/engines';
import { until } from '../../helpers/until';

export const collectorsDir = resolve('src/collectors');
/** What the engine is asked for that records in another's place. */
export const substituteRateHz = 50;
export const python = process.env['PYROLENS_TEST_PYTHON'] ?? 'python3';

const cleanups: (() => void)[] = [];
after(() => {
  for (const cleanUp of cleanups.reverse()) cleanUp();
});

/** A folder that is removed when the file's tests are over. */
export function temporaryFolder(name = 'pyrolens test Größe '): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

let launcherPath: Promise<string> | undefined;

/** The launcher as it is shipped, bundled once per test file. */
export function builtLauncher(): Promise<string> {
  launcherPath ??= (async () => {
    const outfile = join(temporaryFolder('pyrolens-launcher-'), 'launcher.js');
    await build({
      entryPoints: ['src/recorder/launcher.ts'],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    return outfile;
  })();
  return launcherPath;
}

export interface LaunchedProgram {
  readonly launcher: ChildProcess;
  readonly runDir: string;
  readonly control: ControlServer;
  readonly messages: readonly FromLauncher[];
  output(): string;
  send(message: ToLauncher): void;
  /** Waits for a message of that type. */
  message<T extends FromLauncher['type']>(type: T): Promise<Extract<FromLauncher, { type: T }>>;
  exit(): Promise<{ code: number | null; signal: string | null }>;
}

export interface LaunchOptions {
  readonly source: string;
  /** For tools that cannot read every name. */
  readonly scriptName?: string;
  readonly args?: readonly string[];
  readonly engine?: EngineName;
  readonly interpreter?: readonly string[];
  readonly entry?: Entry;
  readonly tool?: readonly string[];
  readonly toolVersion?: string;
  /** The engine that records when the tool cannot look. */
  readonly substitute?: EngineName;
  readonly env?: Readonly<Record<string, string | null>>;
  readonly options?: Partial<EngineOptions>;
}

/** Runs Python source through the real launcher, with pipes for standard streams. */
export async function launch(options: LaunchOptions): Promise<LaunchedProgram> {
  const folder = temporaryFolder();
  const script = join(folder, options.scriptName ?? 'it’s a "test".py');
  writeFileSync(script, options.source);
  const interpreter = options.interpreter ?? [python];
  const engine = options.engine ?? 'bundled-sampler';
  const { dir } = await createRun(join(folder, 'runs'), {
    name: 'test.py',
    engine,
    engineVersion: '1',
    rateHzAsked: 100,
    command: [...interpreter, script],
    script,
    cwd: folder,
    interpreter: { path: python, version: '3' },
    startedAtMs: Date.now(),
    endedAtMs: undefined,
    state: 'recording',
    exit: undefined,
    git: undefined,
    sources: undefined,
  });
  await writeLaunchPlan({
    interpreter,
    entry: options.entry ?? { kind: 'script', path: script },
    args: options.args ?? [],
    options: { children: true, native: false, ...options.options },
    tool: options.tool ?? [],
    substitute: options.substitute && { engine: options.substitute, rateHz: substituteRateHz },
    ...(options.toolVersion === undefined ? {} : { toolVersion: options.toolVersion }),
    ...(options.env === undefined ? {} : { env: options.env }),
    runDir: dir,
    collectorsDir,
    rateHz: 100,
    engine,
    cwd: folder,
    clearTerminal: false,
    texts: launcherTextsEnglish,
  });
  return start(dir);
}

/** Starts the real launcher on the plan of a run folder. */
export async function start(runDir: string): Promise<LaunchedProgram> {
  const messages: FromLauncher[] = [];
  const control = await listenForLauncher({
    onMessage: message => messages.push(message),
    onClosed: () => undefined,
  });
  const launcher = spawn(process.execPath, [await builtLauncher(), runDir, '--json-lines-to', control.path]);
  let output = '';
  launcher.stdout.on('data', data => (output += String(data)));
  launcher.stderr.on('data', data => (output += String(data)));
  const exited = new Promise<{ code: number | null; signal: string | null }>(settle => {
    launcher.once('close', (code, signal) => settle({ code, signal }));
  });
  cleanups.push(() => {
    launcher.kill('SIGKILL');
    control.dispose();
  });
  return {
    launcher,
    runDir,
    control,
    messages,
    output: () => output,
    send: message => control.send(message),
    message: type => until(`the launcher’s «${type}»; it said: ${output}`, () => find(messages, type)),
    exit: () => exited,
  };
}

function find<T extends FromLauncher['type']>(messages: readonly FromLauncher[], type: T) {
  return messages.find((message): message is Extract<FromLauncher, { type: T }> => message.type === type);
}
