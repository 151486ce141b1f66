import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineName, engineFacts } from '../../shared/engines';
import { PyrolensError } from '../../shared/failures';
import type { Said } from '../../shared/preflight';
import { isProcessAlive } from '../processAlive';
import { type BriefRun, runBriefly } from './briefRun';
import { requirementsOf, toolFolder } from './engineTools';
import { findToolIn } from './findTool';
import { failureOfInstaller, findInstaller, type Installer } from './packageInstaller';
import type { ReadyTool, ToolSearch, UnusableTool } from './toolFinding';

const defaultTimeoutMs = 5 * 60_000;

export interface InstallOptions {
  /** How long pip or uv may take. */
  readonly timeoutMs?: number;
  /** Ends the installation and takes away what it has written. */
  readonly signal?: AbortSignal;
  /** What pip or uv says while it works. */
  readonly onLine?: (line: string) => void;
}

/**
 * Installs an engine's tool into our own folder with the user's own pip or uv; the user's environment is not touched.
 * It is installed under a name of its own and moved when it has proved to run, so there is never half a tool. Fails
 * with `installFailed`, whose facts hold the key of the sentence (`text`) and its facts. Undefined: it was cancelled.
 */
export async function installTool(
  engine: EngineName,
  search: ToolSearch,
  options: InstallOptions = {},
): Promise<ReadyTool | undefined> {
  const folder = toolFolder(search.toolsDir, engine, search.python);
  await sweep(search.toolsDir);
  const installer = await findInstaller(engine, search);
  if ('text' in installer) throw installFailure(installer);
  const partial = `${folder}.partial-${process.pid}-${randomBytes(3).toString('hex')}`;
  try {
    const isInstalled = await installInto(partial, { engine, search, installer, options });
    if (!isInstalled) return undefined;
    await replace(folder, partial);
  } catch (error) {
    throw error instanceof PyrolensError ? error : installFailure(storageCause(engine, search, error));
  } finally {
    await removeFolder(partial).catch(() => undefined);
  }
  const tool = await findToolIn(folder, engine, search);
  if (tool?.state === 'ready') return tool;
  throw installFailure(unusable(engine, tool));
}

interface Attempt {
  readonly engine: EngineName;
  readonly search: ToolSearch;
  readonly installer: Installer;
  readonly options: InstallOptions;
}

/** Tries the requirements in turn until one of them runs here. False: cancelled. */
async function installInto(partial: string, attempt: Attempt): Promise<boolean> {
  let cause = unusable(attempt.engine, undefined);
  for (const requirement of requirementsOf(attempt.engine, attempt.search.python)) {
    await removeFolder(partial);
    await mkdir(partial, { recursive: true });
    const run = await runInstaller(partial, requirement, attempt);
    if (run.how === 'cancelled') return false;
    if (run.code !== 0) throw installFailure(failureOfInstaller(run, failureFacts(attempt)));
    const tool = await findToolIn(partial, attempt.engine, attempt.search);
    if (tool?.state === 'ready') return true;
    cause = unusable(attempt.engine, tool);
  }
  throw installFailure(cause);
}

function runInstaller(partial: string, requirement: string, attempt: Attempt): Promise<BriefRun> {
  const { installer, options } = attempt;
  return runBriefly([...installer.command, ...installer.into(partial), requirement], {
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    env: installer.environment,
    // Python looks for modules in the working folder first.
    cwd: partial,
    signal: options.signal,
    onLine: options.onLine,
  });
}

function failureFacts({ engine, search, options }: Attempt): Said['facts'] {
  return {
    engine: engineFacts(engine).label,
    version: search.python.version,
    path: search.toolsDir,
    minutes: String((options.timeoutMs ?? defaultTimeoutMs) / 60_000),
  };
}

function unusable(engine: EngineName, tool: UnusableTool | undefined): Said {
  const { label } = engineFacts(engine);
  const reason =
    tool?.problem.facts['reason'] ?? tool?.problem.facts['said'] ?? 'nothing that can be started';
  return { text: 'installUnusable', facts: { engine: label, reason } };
}

/** Our own folder cannot be written. */
function storageCause(engine: EngineName, { toolsDir }: ToolSearch, error: unknown): Said {
  const { code, message } = error as NodeJS.ErrnoException;
  const text = code === 'ENOSPC' || code === 'EDQUOT' ? 'installDiskFull' : 'installFailed';
  return { text, facts: { engine: engineFacts(engine).label, path: toolsDir, reason: message } };
}

function installFailure({ text, facts }: Said): PyrolensError {
  return new PyrolensError('installFailed', { ...facts, text });
}

/** A tool that is in use keeps its files where the system has them; where it does not (Windows), the move fails. */
async function replace(folder: string, partial: string): Promise<void> {
  const old = `${partial}-old`;
  if (existsSync(folder)) await rename(folder, old);
  await rename(partial, folder);
  await removeFolder(old);
}

/** Takes away what installations have left whose process was killed. */
async function sweep(toolsDir: string): Promise<void> {
  const names = await readdir(toolsDir).catch(() => []);
  const left = names.filter(name => {
    const pid = Number(/\.partial-(\d+)-/.exec(name)?.[1]);
    return pid > 0 && pid !== process.pid && !isProcessAlive(pid);
  });
  await Promise.all(left.map(name => removeFolder(join(toolsDir, name))));
}

/** What a process that has just been killed was writing may still appear while its folder goes. */
function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5 });
}
