import type { FailureCode, FailureFacts } from '../shared/failures';

/** Launcher → whoever started it. One JSON object per line. */
export type FromLauncher =
  | { readonly type: 'started'; readonly pid: number; readonly runDir: string }
  | { readonly type: 'recording' }
  /** A running program has not yet come to Python code, where recording begins. */
  | { readonly type: 'waiting' }
  /** The streams are complete; the program goes on. `busyProcessCount` processes had not obeyed in time. */
  | { readonly type: 'stopped'; readonly busyProcessCount: number }
  /** This engine cannot stop here: it records until the program ends. */
  | { readonly type: 'cannotStop' }
  | { readonly type: 'ended'; readonly code: number | null; readonly signal: string | null }
  | { readonly type: 'failed'; readonly code: FailureCode; readonly facts: FailureFacts }
  /** The user pressed r in the terminal. */
  | { readonly type: 'again' };

/** Whoever started it → launcher. */
export type ToLauncher =
  | { readonly type: 'stop' }
  | { readonly type: 'kill' }
  /** Only while the launcher waits after a run: run the plan of this folder in the same terminal. */
  | { readonly type: 'run'; readonly runDir: string };

/** Cuts a stream of text into JSON lines and hands each object on; lines that are not JSON objects are skipped. */
export class JsonLines<T extends { readonly type: string }> {
  private rest = '';

  constructor(private readonly onMessage: (message: T) => void) {}

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.read(line);
  }

  private read(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    // The peer is our own launcher of the same version; an unknown `type` is ignored by the receiver's switch.
    if (typeof (value as { type?: unknown }).type === 'string') this.onMessage(value as T);
  }
}
