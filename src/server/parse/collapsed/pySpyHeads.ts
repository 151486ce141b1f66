/**
 * The pseudo frames that py-spy puts before a stack, which name its lane: `process PID:"command line"` for the process
 * and each ancestor (`-s`), then `thread (TID): NAME` (`-t`). Nothing in them is escaped: a command line or a thread's
 * name may hold semicolons, quotes and what looks like a frame.
 */

/** What the head of a line tells. Ids are 0 and texts empty when it does not. */
export interface PySpyHead {
  readonly pid: number;
  readonly command: string;
  readonly tid: number;
  readonly thread: string;
  /** Length of the head in characters, without the semicolon after it. */
  readonly length: number;
}

/** Reads the head of a line's stack text. */
export function pySpyHead(stack: string): PySpyHead {
  let head = { pid: 0, command: '', tid: 0, thread: '', length: 0 };
  let at = 0;
  for (;;) {
    const process = processAt(stack, at);
    if (process === undefined) break;
    head = { ...head, pid: process.pid, command: process.command, length: process.end };
    at = process.end + 1;
  }
  const thread = threadAt(stack, at);
  return thread === undefined ? head : { ...head, tid: thread.tid, thread: thread.name, length: thread.end };
}

const processStart = /process (\d{1,10}):"/y;

function processAt(stack: string, at: number) {
  processStart.lastIndex = at;
  const match = processStart.exec(stack);
  if (match === null) return undefined;
  const from = processStart.lastIndex;
  const end = commandEnd(stack, from);
  return { pid: Number(match[1]), command: stack.slice(from, end - 1), end };
}

/** What can stand behind a command line: the next pseudo frame, or a frame up to its place. */
const behindCommand = /process \d+:"|thread \(\d+\)|[^;"]* \([^;()]*\)(?:;|$)/y;

/** Where the command line's closing quote ends: the first one behind which the stack goes on in py-spy's way. */
function commandEnd(stack: string, from: number): number {
  let first = -1;
  for (let quote = stack.indexOf('"', from); quote >= 0; quote = stack.indexOf('"', quote + 1)) {
    const end = quote + 1;
    if (end === stack.length) return first < 0 ? end : first;
    if (stack[end] !== ';') continue;
    if (first < 0) first = end;
    behindCommand.lastIndex = end + 1;
    if (behindCommand.test(stack)) return end;
  }
  return first < 0 ? stack.length : first;
}

const threadStart = /thread \((\d{1,20})\)(?:: )?/y;

function threadAt(stack: string, at: number) {
  threadStart.lastIndex = at;
  const match = threadStart.exec(stack);
  if (match === null) return undefined;
  const from = threadStart.lastIndex;
  const hasName = match[0].endsWith(': ');
  const end = hasName ? nameEnd(stack, from) : from;
  return { tid: Number(match[1]), name: stack.slice(from, end), end };
}

const frameShape = /^.* \([^()]*\)$/;
/** The outermost frame of every thread that Python started. */
const bootstrap = /;(?:Thread\.)?_bootstrap \([^;()]*\)(?=;|$)/;
const absolute = /\((?:\/|\\\\|[A-Za-z]:[\\/])[^()]*\)$/;

/**
 * Where the thread's name ends. All that stands before the outermost frame of a Python thread is name, up to the
 * native frames that may lie between (their places are absolute paths). Elsewhere the name ends before the first
 * piece that looks like a frame.
 */
function nameEnd(stack: string, from: number): number {
  const root = bootstrap.exec(stack.slice(from));
  if (root !== null) {
    const [first = '', ...others] = stack.slice(from, from + root.index).split(';');
    const native = others.findIndex(piece => absolute.test(piece));
    return from + [first, ...(native < 0 ? others : others.slice(0, native))].join(';').length;
  }
  let end = stack.indexOf(';', from);
  while (end >= 0) {
    const next = stack.indexOf(';', end + 1);
    if (frameShape.test(stack.slice(end + 1, next < 0 ? stack.length : next))) return end;
    end = next;
  }
  // Nothing looks like a frame: a plain name and bare frames, or a name alone.
  const first = stack.indexOf(';', from);
  return first < 0 ? stack.length : first;
}
