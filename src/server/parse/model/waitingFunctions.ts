/** A map: a file may be named «constructor», which every object has. */
const waitingFunctions: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'threading.py': [
      'wait',
      'acquire',
      'join',
      '_wait_for_tstate_lock',
      '_shutdown',
      'wait_for',
      '__enter__',
    ],
    'queue.py': ['get', 'put', 'join'],
    'selectors.py': ['select'],
    'subprocess.py': ['wait', '_wait', '_try_wait', 'communicate', '_communicate'],
    'connection.py': ['_recv', '_poll', 'wait', 'recv', 'accept'],
    'popen_fork.py': ['poll', 'wait'],
    'popen_spawn_posix.py': ['poll', 'wait'],
    'popen_spawn_win32.py': ['wait'],
    'synchronize.py': ['acquire', 'wait', '__enter__'],
    'queues.py': ['get', 'put'],
    'thread.py': ['_worker'],
    '_base.py': ['result', 'wait', 'exception'],
    'socket.py': ['accept', 'readinto', 'create_connection'],
    'ssl.py': ['read', 'recv', 'recv_into', 'do_handshake'],
    'windows_events.py': ['_poll', 'select'],
  }),
);

/**
 * True when a frame of this standard library function on top of a stack means that the thread waits. Used where
 * the engine knows no CPU time; time spent in C calls of the user's own lines cannot be told this way.
 */
export function isWaitingFunction(name: string, file: string): boolean {
  const base = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  const last = name.slice(name.lastIndexOf('.') + 1);
  return waitingFunctions.get(base)?.includes(last) ?? false;
}
