import type { WaitKind } from '../../shared/api';
import type { GapClass } from '../../shared/gaps';

/** What a function of the standard library on a stack tells about a wait. */
export interface LibraryWait {
  /** In the words of the tables and lenses; undefined: the functions above it tell more. */
  readonly kind?: WaitKind;
  /** In the words of the gaps; undefined: loops and processes have rules of their own. */
  readonly gapClass?: GapClass;
  /** It waits for work: nobody is delayed. */
  readonly isIdle?: boolean;
  /** On top of a stack it waits, whatever else is known; others compute as well. */
  readonly waitsOnTop?: boolean;
}

const lock: LibraryWait = { kind: 'lock', gapClass: 'sync.lock', waitsOnTop: true };
const signal: LibraryWait = { kind: 'lock', gapClass: 'sync.signal', waitsOnTop: true };
const semaphore: LibraryWait = { kind: 'lock', gapClass: 'sync.mp', waitsOnTop: true };
const join: LibraryWait = { kind: 'join', gapClass: 'sync.join', waitsOnTop: true };
const future: LibraryWait = { kind: 'join', gapClass: 'sync.future', waitsOnTop: true };
const child: LibraryWait = { kind: 'process', gapClass: 'proc.wait', waitsOnTop: true };
const pipeRead: LibraryWait = { kind: 'process', gapClass: 'ipc.pipe.read', waitsOnTop: true };
const pipeWrite: LibraryWait = { gapClass: 'ipc.pipe.write' };
const queueGet: LibraryWait = { kind: 'queue', gapClass: 'sync.queue.empty', waitsOnTop: true };
const queuePut: LibraryWait = { kind: 'queue', gapClass: 'sync.queue.full', waitsOnTop: true };
const net: LibraryWait = { kind: 'io', gapClass: 'io.net', waitsOnTop: true };
/** These also encrypt, decrypt and copy. */
const busyNet: LibraryWait = { kind: 'io', gapClass: 'io.net' };
const poolResult: LibraryWait = { kind: 'process', gapClass: 'sync.future' };
const idleWorker: LibraryWait = { gapClass: 'sync.queue.empty', isIdle: true };
const idleServer: LibraryWait = { gapClass: 'io.net', isIdle: true };
const poll: LibraryWait = { kind: 'await', waitsOnTop: true };

/** By file and function of CPython's standard library, 3.9 to 3.15. */
const byFile: Readonly<Record<string, Readonly<Record<string, LibraryWait>>>> = {
  'threading.py': {
    wait: signal,
    wait_for: signal,
    acquire: signal,
    __enter__: lock,
    _acquire_restore: lock,
    join,
    _wait_for_tstate_lock: join,
    _join_os_thread: join,
    _shutdown: join,
  },
  'queue.py': { get: queueGet, put: queuePut, join: { ...join, kind: 'queue' } },
  'queues.py': { get: queueGet, put: queuePut, _feed: idleWorker },
  'thread.py': {
    _worker: { ...idleWorker, kind: 'queue', waitsOnTop: true },
    shutdown: { gapClass: 'sync.join' },
  },
  '_base.py': {
    result: future,
    exception: future,
    wait: future,
    as_completed: { ...future, waitsOnTop: false },
    result_iterator: { gapClass: 'sync.future' },
  },
  'process.py': {
    _process_worker: idleWorker,
    _add_call_item_to_queue: { kind: 'queue' },
    wait_result_broken_or_wakeup: { kind: 'process', gapClass: 'sync.future', isIdle: true },
    join: child,
    shutdown: { gapClass: 'sync.join' },
  },
  'resource_tracker.py': { main: idleWorker },
  'forkserver.py': { main: idleWorker },
  'pool.py': {
    worker: idleWorker,
    _handle_tasks: idleWorker,
    _handle_results: idleWorker,
    _wait_for_updates: idleWorker,
    wait: poolResult,
    get: poolResult,
    join: { gapClass: 'sync.join' },
  },
  'selectors.py': { select: { kind: 'select', waitsOnTop: true } },
  'base_events.py': { _run_once: { kind: 'await' } },
  'windows_events.py': { _poll: poll, select: poll },
  'socketserver.py': { serve_forever: idleServer },
  'subprocess.py': {
    _execute_child: { gapClass: 'proc.wait' },
    wait: child,
    _wait: child,
    _try_wait: child,
    communicate: child,
    _communicate: child,
  },
  'popen_fork.py': { poll: child, wait: child },
  'popen_forkserver.py': { poll: child },
  'popen_spawn_win32.py': { wait: child },
  'connection.py': {
    _recv: pipeRead,
    recv: pipeRead,
    recv_bytes: { ...pipeRead, waitsOnTop: false },
    _poll: pipeRead,
    wait: pipeRead,
    accept: pipeRead,
    _send: pipeWrite,
    send: pipeWrite,
    send_bytes: pipeWrite,
  },
  'synchronize.py': { acquire: semaphore, wait: semaphore, __enter__: semaphore },
  'socket.py': {
    accept: net,
    readinto: net,
    create_connection: net,
    recv: busyNet,
    sendall: busyNet,
    getaddrinfo: { gapClass: 'io.dns' },
  },
  'ssl.py': {
    read: net,
    recv: net,
    recv_into: net,
    do_handshake: net,
    write: busyNet,
    send: busyNet,
    sendall: busyNet,
  },
  'client.py': {
    _read_status: busyNet,
    read: busyNet,
    readinto: busyNet,
    connect: { gapClass: 'io.net' },
    send: { gapClass: 'io.net' },
  },
};

/** Maps: a recorded file or function may be called `constructor`, which every object has. */
const waits = new Map(Object.entries(byFile).map(([file, rules]) => [file, new Map(Object.entries(rules))]));

/** What a frame of this function tells; undefined: nothing. `file` is a path of any system, or only a name. */
export function libraryWait(file: string, name: string): LibraryWait | undefined {
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return waits.get(base)?.get(name.slice(name.lastIndexOf('.') + 1));
}

/**
 * True when a frame of this standard library function on top of a stack means that the thread waits. Used where
 * the engine knows no CPU time; time spent in C calls of the user's own lines cannot be told this way.
 */
export function isWaitingFunction(name: string, file: string): boolean {
  return libraryWait(file, name)?.waitsOnTop ?? false;
}
