/** The texts of Linux' `/proc/<pid>`, as values. Pure; a text that is none gives undefined or nothing. */

/** `sysconf(_SC_CLK_TCK)`: 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

export interface StatFacts {
  readonly state: string;
  readonly parentPid: number;
  readonly cpuSeconds: number;
  /** Seconds from the system's start to the process's. */
  readonly startedAfterSeconds: number;
}

/** `/proc/<pid>/stat`. The name in parentheses may hold spaces and parentheses: count from behind its last one. */
export function parseStat(text: string): StatFacts | undefined {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const [state = '', parentPid] = fields;
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  const startTicks = Number(fields[19]);
  if (end < 0 || !Number.isFinite(userTicks + systemTicks + startTicks)) return undefined;
  return {
    state,
    parentPid: Number(parentPid),
    cpuSeconds: (userTicks + systemTicks) / ticksPerSecond,
    startedAfterSeconds: startTicks / ticksPerSecond,
  };
}

/** `/proc/<pid>/cmdline`: words that end with NUL. A program that has rewritten it may separate them by spaces. */
export function parseCommandLine(text: string): string[] {
  const words = text.replace(/\0+$/, '').split('\0');
  return words.length === 1 && words[0] === '' ? [] : words;
}

export interface StatusFacts {
  /** The user whom the process acts for. */
  readonly uid: number;
  /** Its id as it sees it itself: another one in a container. */
  readonly ownPid: number;
  /** Number of process id name spaces that it is in, from this one on. */
  readonly pidNamespaceCount: number;
}

/** `/proc/<pid>/status`. */
export function parseStatus(text: string): StatusFacts | undefined {
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(text)?.[1];
  const pids = /^NSpid:\s+([\d\s]+?)$/m.exec(text)?.[1]?.split(/\s+/) ?? [];
  const pid = /^Pid:\s+(\d+)/m.exec(text)?.[1];
  if (uid === undefined || pid === undefined) return undefined;
  return {
    uid: Number(uid),
    ownPid: Number(pids.at(-1) ?? pid),
    pidNamespaceCount: Math.max(pids.length, 1),
  };
}

/** Paths of the files in `/proc/<pid>/maps`, each once. */
export function parseMappedFiles(text: string): string[] {
  const paths = text.split('\n').flatMap(line => {
    const path = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s+(\/.*)$/.exec(line)?.[1];
    return path === undefined ? [] : [path.replace(/ \(deleted\)$/, '')];
  });
  return [...new Set(paths)];
}

/** Names of users by their number, from `/etc/passwd`. */
export function parseUsers(text: string): ReadonlyMap<number, string> {
  const users = text.split('\n').flatMap((line): [number, string][] => {
    const [name, , uid] = line.split(':');
    return name && uid ? [[Number(uid), name]] : [];
  });
  return new Map(users.reverse());
}
