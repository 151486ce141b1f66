/** How a program ended: its exit code, or the signal that ended it. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a launcher records: a program that it started, or one that ran already. */
export interface RecordedTarget {
  readonly pid: number;
  readonly startedAtMs: number;
  /**
   * Settles when the launcher has nothing more to do and the manifest says so: the program that it started has ended,
   * or the recording of one that ran already.
   */
  readonly ended: Promise<ExitStatus>;
  /** Resolves to true when recording has begun, to false when it did not in time or everything ended before. */
  hasBegun(): Promise<boolean>;
  /**
   * Ends the recording, not the program. Resolves to the number of processes still busy after some seconds, or
   * `'cannotStop'` where the engine has no way.
   */
  stop(): Promise<number | 'cannotStop'>;
  /** A signal that only the launcher got. */
  signal(signal: NodeJS.Signals): void;
  /** A signal that the terminal sent to everyone in it. */
  interrupt(): void;
  /** Ends a program that the launcher started, by force after three seconds; of another one the recording only. */
  kill(): Promise<void>;
}
