import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireAttachable } from '../../../../src/recorder/attach/attachable';
import type { AttachChoice, AttachWishes } from '../../../../src/recorder/attach/attachEngine';
import { prepareAttach } from '../../../../src/recorder/attach/prepareAttach';
import { launcherTextsEnglish } from '../../../../src/recorder/launchPlan';
import { readRunManifest } from '../../../../src/recorder/runFolder';
import type { EngineName } from '../../../../src/shared/engines';
import { readLineShares } from '../../../helpers/runLines';
import { type RunningServer, serverSource, startServer } from '../../../helpers/runningServer';
import { until } from '../../../helpers/until';
import { collectorsDir, type LaunchedProgram, start, temporaryFolder } from '../launcherRig';

const running: RunningServer[] = [];
/** For `afterEach`: a server that works would slow down the next test, and keep the file's from ending. */
export function endServers(): void {
  for (const server of running.splice(0)) server.child.kill('SIGKILL');
}

/** Starts a Python server as a process of its own; `endServers` kills it. */
export async function serve(command: readonly string[], source = serverSource): Promise<RunningServer> {
  const script = join(temporaryFolder(), 'my server.py');
  writeFileSync(script, source);
  const server = await startServer(command, script);
  running.push(server);
  return server;
}

/** Puts an engine to a process through the real launcher. */
export async function attach(
  pid: number,
  choice: AttachChoice,
  durationSeconds?: number,
): Promise<LaunchedProgram> {
  const plan = await prepareAttach(await requireAttachable(pid), choice, {
    root: join(temporaryFolder(), 'runs'),
    collectorsDir,
    rateHz: 100,
    options: { children: true, native: false },
    clearTerminal: false,
    texts: launcherTextsEnglish,
    durationSeconds,
  });
  return start(plan.runDir);
}

/** Waits until a recording that has begun has gone on for so long. */
export async function record(recording: LaunchedProgram, milliseconds: number): Promise<void> {
  await recording.message('recording');
  const beganAtMs = Date.now();
  await until('some recording', () => Date.now() - beganAtMs >= milliseconds);
}

/** The share of the lines that hold `text` in the server's source. */
export async function shareOf(runDir: string, text = 'sum(n * n', source = serverSource): Promise<number> {
  const line = source.split('\n').findIndex(found => found.includes(text)) + 1;
  return (await readLineShares(runDir)).get(line) ?? 0;
}

/** The manifest of what was recorded. */
export function manifestOf(recording: LaunchedProgram) {
  return readRunManifest(recording.runDir);
}

/** Where tools are found: these only, and what needs none. */
export function toolsAt(paths: Partial<Record<EngineName, string>>): Pick<AttachWishes, 'findTool'> {
  const bundled = {
    state: 'ready',
    place: 'bundled',
    command: [],
    pythonPath: undefined,
    version: '',
  } as const;
  const missing = { state: 'missing', problem: { text: 'programMissing', facts: {} } } as const;
  return {
    async findTool(engine) {
      if (engine === 'bundled-sampler') return bundled;
      const path = paths[engine];
      return path === undefined ? missing : { ...bundled, place: 'path', command: [path], version: '1.2' };
    },
  };
}
