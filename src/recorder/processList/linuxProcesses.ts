/**
 * The processes of Linux, from `/proc`. A process may vanish while it is read, and those of others tell little:
 * whatever cannot be read is simply not known.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { parseCommandLine, parseMappedFiles, parseStat, parseStatus, parseUsers } from './procTexts';
import { interpreterLibrary, pythonOfExecutable, pythonOfMappedFiles } from './pythonNames';
import type { PythonInside, RunningProcess } from './runningProcess';
import { versionInBinary } from './versionInBinary';

/** All processes but those of the kernel, without their recent share of the processor. */
export async function linuxProcesses(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number);
  const context = await readContext();
  const processes = await Promise.all(pids.map(pid => readProcess(pid, context)));
  return processes.filter(process => process !== undefined);
}

/** One process; undefined when it is gone, a zombie or the kernel's. */
export async function linuxProcess(pid: number): Promise<RunningProcess | undefined> {
  return readProcess(pid, await readContext());
}

/** Processor time so far; undefined when the process is gone. */
export async function linuxCpuSeconds(pid: number): Promise<number | undefined> {
  return parseStat(await textOf(`/proc/${pid}/stat`))?.cpuSeconds;
}

/** False for a process that has ended, also when its parent has not yet asked how. */
export async function isLinuxProcessRunning(pid: number): Promise<boolean> {
  const state = parseStat(await textOf(`/proc/${pid}/stat`))?.state;
  return state !== undefined && !'ZX'.includes(state);
}

interface Context {
  readonly bootedAtMs: number;
  readonly users: ReadonlyMap<number, string>;
}

async function readContext(): Promise<Context> {
  const [uptime, passwd] = await Promise.all([textOf('/proc/uptime'), textOf('/etc/passwd')]);
  return { bootedAtMs: Date.now() - Number.parseFloat(uptime) * 1000, users: parseUsers(passwd) };
}

async function readProcess(pid: number, context: Context): Promise<RunningProcess | undefined> {
  const folder = `/proc/${pid}`;
  const [statText, statusText, commandText, exe, cwd, root] = await Promise.all([
    textOf(`${folder}/stat`),
    textOf(`${folder}/status`),
    textOf(`${folder}/cmdline`),
    linkOf(`${folder}/exe`),
    linkOf(`${folder}/cwd`),
    linkOf(`${folder}/root`),
  ]);
  const [stat, status, command] = [
    parseStat(statText),
    parseStatus(statusText),
    parseCommandLine(commandText),
  ];
  if (stat === undefined || status === undefined || command.length === 0 || stat.state === 'Z') {
    return undefined;
  }
  return {
    pid,
    parentPid: stat.parentPid,
    command,
    executable: withoutRoot(exe, root),
    python: await readPython(pid, { exe, root, program: command[0] ?? '' }),
    startedAtMs: context.bootedAtMs + stat.startedAfterSeconds * 1000,
    cpuSeconds: stat.cpuSeconds,
    cpuShare: undefined,
    user: context.users.get(status.uid) ?? String(status.uid),
    isOwn: status.uid === process.geteuid?.(),
    cwd: withoutRoot(cwd, root),
    root: root || '/',
  };
}

/** A program that is not called Python may have one inside: its mapped files tell. */
async function readPython(
  pid: number,
  { exe, root, program }: { readonly exe: string; readonly root: string; readonly program: string },
): Promise<PythonInside | undefined> {
  if (exe === '') return pythonOfExecutable(program);
  const named = pythonOfExecutable(exe);
  if (named?.implementation === 'pypy') return named;
  const files = parseMappedFiles(await textOf(`/proc/${pid}/maps`));
  const found = named?.version ? named : (pythonOfMappedFiles(files) ?? named);
  if (found === undefined || found.version === '') return found;
  const library = interpreterLibrary(files);
  const binary =
    library === undefined ? `/proc/${pid}/exe` : `/proc/${pid}/root${withoutRoot(library, root)}`;
  return { ...found, version: (await versionInBinary(binary, found.version)) ?? found.version };
}

/** The path as the process in a change root sees it. */
function withoutRoot(path: string, root: string): string {
  const isBelow = root.length > 1 && (path === root || path.startsWith(`${root}/`));
  return isBelow ? path.slice(root.length) || '/' : path;
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Of a program that was replaced meanwhile the kernel says so behind its path. */
async function linkOf(path: string): Promise<string> {
  return readlink(path).then(
    target => target.replace(/ \(deleted\)$/, ''),
    () => '',
  );
}
