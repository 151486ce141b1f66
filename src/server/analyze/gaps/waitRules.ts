import type { GapClass } from '../../../shared/gaps';

/** Goes up when a rule changes what recordings are told. */
export const gapRulesVersion = 4;

/** A function of the standard library in which a pool's worker waits for jobs and runs them. */
export function isPoolWorker(file: string, name: string): boolean {
  const plain = name.slice(name.lastIndexOf('.') + 1);
  return (
    (file === 'thread.py' && plain === '_worker') ||
    (file === 'process.py' && plain === '_process_worker') ||
    (file === 'pool.py' && plain === 'worker')
  );
}

/** asyncio's own code works on sockets that do not block. */
export function isPromptFile(path: string): boolean {
  return /[/\\]asyncio[/\\]\w+\.py$/.test(path);
}

/** A started thread says so as soon as it runs: its starter lacks a processor, or the GIL. */
export function isPromptCall(file: string, name: string): boolean {
  return file === 'threading.py' && name.slice(name.lastIndexOf('.') + 1) === 'start';
}

/** Calls that block, as they are written in source. The first that matches counts. */
const callRules: readonly (readonly [RegExp, GapClass])[] = [
  [/\bsleep\s*\(/, 'timer.sleep'],
  [/\bsubprocess\.\w+\s*\(|\b(?:Popen|check_call|check_output|communicate|waitpid|system)\s*\(/, 'proc.wait'],
  [/\bgetaddrinfo\s*\(|\bgethostby\w+\s*\(/, 'io.dns'],
  [/\b(?:urlopen|recv|recv_into|recvfrom|sendall|sendto|accept|connect|create_connection)\s*\(/, 'io.net'],
  [/\brequests\.\w+\s*\(|\bhttpx\.\w+\s*\(/, 'io.net'],
  [/\binput\s*\(|\bstdin\b/, 'io.tty'],
  // What blocks there for a time is rarely a file: those have objects.
  [/\bos\.readv?\s*\(/, 'ipc.pipe.read'],
  [/\bos\.writev?\s*\(/, 'ipc.pipe.write'],
  [/\bfsync\s*\(|\bopen\s*\(|\.(?:read|readline|readlines|readinto|write|writelines|flush)\s*\(/, 'io.disk'],
  [/\bselect\s*\(|\bpoll\s*\(/, 'ipc.pipe.read'],
  [/\.result\s*\(/, 'sync.future'],
  [/\.join\s*\(\s*(?:timeout\b|[\d.]|\))/, 'sync.join'],
  [/\.get\s*\(\s*(?:timeout\b|block\b|\))|\.get_nowait/, 'sync.queue.empty'],
  [/\.put\s*\(/, 'sync.queue.full'],
  [/\.wait\s*\(|\.wait_for\s*\(/, 'sync.signal'],
  [/\.acquire\s*\(/, 'sync.lock'],
];

/** What a piece of source waits for, by the call that is written there. */
export function callRule(text: string): GapClass | undefined {
  return callRules.find(([pattern]) => pattern.test(text))?.[1];
}

const gilReleasing =
  /\b(?:hashlib|zlib|gzip|bz2|lzma|zstd|ssl|sqlite3)\.|\b(?:sha\d+|blake2[bs]|md5|scrypt|pbkdf2_hmac|compress|decompress)\s*\(/;

/** A piece of source that computes in calls of C which let go of the GIL: it keeps nobody from running. */
export function releasesGil(text: string): boolean {
  return gilReleasing.test(text);
}

/** Who else uses the object that a wait is for: the other side's calls, by what is waited for. */
const counterparts: Partial<Readonly<Record<GapClass, string>>> = {
  'sync.queue.empty': 'put|put_nowait',
  'sync.queue.full': 'get|get_nowait',
  'sync.signal': 'set|notify|notify_all|release',
};

/** Ends of pipes have different names: whoever is about to read one, or to write. */
const otherEnds: Partial<Readonly<Record<GapClass, RegExp>>> = {
  'ipc.pipe.write': /\bos\.readv?\s*\(|\.recv(?:_bytes)?\s*\(/,
  'ipc.pipe.read': /\bos\.writev?\s*\(|\.send(?:_bytes)?\s*\(/,
};

/** Finds the call in source that ends a wait of this class, as the waiting line reads; undefined: none would. */
export function counterpartCall(gapClass: GapClass, line: string): RegExp | undefined {
  const name = awaitedName(line);
  const calls = counterparts[gapClass];
  if (calls === undefined || name === undefined) return otherEnds[gapClass];
  return new RegExp(`\\b${name}\\s*\\.\\s*(?:${calls})\\s*\\(`);
}

/** The last name of the object whose method waits: `orders` in `self.orders.get()`. */
function awaitedName(text: string): string | undefined {
  const call = /([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*\.\s*(?:get|put|wait|wait_for)\s*\(/;
  return call.exec(text)?.[1];
}

/** The last name of the lock's expression in `with a.lock:` or `a.lock.acquire()`. */
export function lockName(line: string): string | undefined {
  const acquired = /([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*\.\s*acquire\s*\(/.exec(line)?.[1];
  if (acquired !== undefined) return acquired;
  return /^\s*(?:async\s+)?with\s+(?:[\w.]*\.)?([A-Za-z_]\w*)/.exec(line)?.[1];
}

/** What happens at one line, named by the call that is written there; other work is spread over a function's lines. */
export function isAtOneLine(gapClass: GapClass): boolean {
  const isSpread = /^(?:run|sched|rt)\./.test(gapClass) || gapClass === 'loop.busy';
  return !isSpread || gapClass === 'run.serialize';
}

/** `with` on anything that is called a lock, a mutex, a semaphore or a condition. */
const withLock = /^\s*with\b.*(?:lock|mutex|sem|cond)/i;

/** A `with` line that can only wait for its lock. */
export function isLockStatement(text: string): boolean {
  return withLock.test(text);
}

/** A statement that may wait though no call is written in it. */
export function isWaitStatement(text: string): boolean {
  return /^\s*(?:with|for|async|await)\b/.test(text);
}

/** A wait with a fixed number of seconds is a timer of the thread's own. */
export function isOwnTimer(text: string): boolean {
  return /\.wait\s*\(\s*(?:timeout\s*=\s*)?[\d._]+\s*\)/.test(text);
}

/** By file and function of asyncio: what a suspended task awaits. */
const awaitRules: Readonly<Record<string, Readonly<Record<string, GapClass>>>> = {
  'tasks.py': { sleep: 'task.await.sleep', _wait: 'task.await.task', wait: 'task.await.task' },
  'taskgroups.py': { __aexit__: 'task.await.task', _aexit: 'task.await.task' },
  'locks.py': { acquire: 'task.await.lock', wait: 'task.await.event' },
  'queues.py': { get: 'task.await.queue', put: 'task.await.queue', join: 'task.await.queue' },
  'streams.py': {
    _wait_for_data: 'task.await.net',
    _drain_helper: 'task.await.net',
    drain: 'task.await.net',
  },
  'selector_events.py': {
    sock_recv: 'task.await.net',
    sock_recv_into: 'task.await.net',
    sock_sendall: 'task.await.net',
    sock_connect: 'task.await.net',
    sock_accept: 'task.await.net',
  },
  'base_events.py': { create_connection: 'task.await.net', serve_forever: 'task.await.net' },
  'base_subprocess.py': { _wait: 'task.await.proc' },
  'subprocess.py': { wait: 'task.await.proc', communicate: 'task.await.proc' },
  'threads.py': { to_thread: 'task.await.executor' },
};
const awaitRulesByFile = new Map(
  Object.entries(awaitRules).map(([file, rules]) => [file, new Map(Object.entries(rules))]),
);

/** What a task awaits whose innermost coroutine is this function of asyncio. */
export function awaitRule(file: string, name: string): GapClass | undefined {
  return awaitRulesByFile.get(file)?.get(name.slice(name.lastIndexOf('.') + 1));
}

/** What a task awaits at a line of its own, by what is written there. */
export function awaitCallRule(text: string): GapClass {
  if (/\brun_in_executor\s*\(|\bto_thread\s*\(/.test(text)) return 'task.await.executor';
  if (/\bgather\s*\(|\bcreate_task\s*\(/.test(text)) return 'task.await.task';
  return 'task.await.future';
}

const serializers = new Set([
  'pickle.py',
  '_pickle.py',
  'reduction.py',
  'copy.py',
  'copyreg.py',
  'decoder.py',
  'encoder.py',
]);
const serializerCall =
  /\b(?:pickle|cPickle|cloudpickle|dill|json|ujson|orjson|marshal|msgpack|yaml)\.(?:dumps?|loads?|packb|unpackb)\s*\(|\bdeepcopy\s*\(/;

/** A file of the standard library that turns objects into bytes or back. */
export function isSerializerFile(file: string): boolean {
  return serializers.has(file);
}

/** A piece of source that turns objects into bytes or back. */
export function isSerializerCall(text: string): boolean {
  return serializerCall.test(text);
}
