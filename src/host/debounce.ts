/** Calls `action` once things have been quiet for `delayMs`. */
export class Debounce {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly delayMs: number,
    private readonly action: () => void,
  ) {}

  /** Starts the wait anew. */
  schedule(): void {
    this.dispose();
    this.timer = setTimeout(this.action, this.delayMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
