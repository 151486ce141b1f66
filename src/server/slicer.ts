/** Thrown when the user cancelled a long computation. Not a failure: nothing is shown for it. */
export class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}

/** What a `Slicer` asks and tells while work goes on. `onProgress` gets the share done, 0 … 1. */
export interface SlicerOptions {
  readonly isCancelled?: () => boolean;
  readonly onProgress?: (share: number) => void;
  /** Awaited in each pause. */
  readonly inPause?: () => Promise<void>;
}

const sliceMs = 25;

/** Cuts long work into slices of about 25 ms, so that cancellation and other requests are heard between them. */
export class Slicer {
  private readonly isCancelled: () => boolean;
  private readonly onProgress: (share: number) => void;
  private readonly inPause: () => Promise<void>;
  private sliceEndMs = performance.now() + sliceMs;

  constructor(options: SlicerOptions = {}) {
    this.isCancelled = options.isCancelled ?? (() => false);
    this.onProgress = options.onProgress ?? (() => undefined);
    this.inPause = options.inPause ?? (() => Promise.resolve());
  }

  /** The same for work beside the way, of which progress says nothing. */
  withoutProgress(): Slicer {
    return new Slicer({ isCancelled: this.isCancelled, inPause: this.inPause });
  }

  /** True when the slice is used up and `pause` should be awaited. */
  isDue(): boolean {
    return performance.now() >= this.sliceEndMs;
  }

  /** Pauses when the slice is used up. */
  async pauseIfDue(share: number): Promise<void> {
    if (this.isDue()) await this.pause(share);
  }

  /** Does work that is cut into steps; progress says nothing of it. Throws `Cancelled`. */
  async finish<T>(steps: Iterator<void, T, void>): Promise<T> {
    const slicer = this.withoutProgress();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await slicer.pauseIfDue(0);
    }
  }

  /** Lets the event loop turn. Throws `Cancelled` when the user has had enough. */
  async pause(share: number): Promise<void> {
    this.onProgress(share);
    await new Promise<void>(resolve => setImmediate(resolve));
    await this.inPause();
    if (this.isCancelled()) throw new Cancelled();
    this.sliceEndMs = performance.now() + sliceMs;
  }
}
