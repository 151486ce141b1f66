import type { FromLauncher } from './controlMessages';

/** `idle` until started; `done` and `failed` are final. */
export type RecordingState = 'idle' | 'starting' | 'recording' | 'stopping' | 'done' | 'failed';

/** How a recording came to its end. */
export type RecordingOutcome =
  | { readonly how: 'ended'; readonly code: number | null; readonly signal: string | null }
  | { readonly how: 'stopped'; readonly busyProcessCount: number }
  /** The launcher vanished: the terminal was closed, or it was killed. What it flushed is there. */
  | { readonly how: 'lost' };

export type RecordingEvent =
  | FromLauncher
  | { readonly type: 'launch' }
  | { readonly type: 'stopRequested' }
  | { readonly type: 'linkClosed' };

/**
 * The state machine around the control channel. It decides; whoever owns it sends the messages. Events that make no
 * sense in a state are ignored, so late messages do no harm.
 */
export class Recording {
  private current: RecordingState = 'idle';
  private final: RecordingOutcome | undefined;

  constructor(private readonly onChange: (state: RecordingState) => void) {}

  get state(): RecordingState {
    return this.current;
  }

  /** Set when `state` is `done`. */
  get outcome(): RecordingOutcome | undefined {
    return this.final;
  }

  get isActive(): boolean {
    return this.current === 'starting' || this.current === 'recording' || this.current === 'stopping';
  }

  /** Takes an event in; returns whether the state changed. */
  handle(event: RecordingEvent): boolean {
    const next = this.after(event);
    if (next === this.current) return false;
    if (next === 'done') this.final = outcomeOf(event);
    this.current = next;
    this.onChange(next);
    return true;
  }

  private after(event: RecordingEvent): RecordingState {
    if (event.type === 'launch') return this.current === 'idle' ? 'starting' : this.current;
    if (!this.isActive) return this.current;
    switch (event.type) {
      case 'recording':
        return this.current === 'starting' ? 'recording' : this.current;
      case 'stopRequested':
        return 'stopping';
      case 'cannotStop':
        return 'recording';
      case 'stopped':
      case 'ended':
      case 'linkClosed':
        return 'done';
      case 'failed':
        return 'failed';
      default:
        return this.current;
    }
  }
}

function outcomeOf(event: RecordingEvent): RecordingOutcome {
  if (event.type === 'ended') return { how: 'ended', code: event.code, signal: event.signal };
  if (event.type === 'stopped') return { how: 'stopped', busyProcessCount: event.busyProcessCount };
  return { how: 'lost' };
}
