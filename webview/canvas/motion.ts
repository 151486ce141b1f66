import { between, type Viewport } from './viewport';

/** The longest an animation may take. */
const durationMs = 140;

/** Moves a viewport smoothly; a new move starts where the last one is. */
export class ViewportMotion {
  private generation = 0;

  constructor(private readonly apply: (viewport: Viewport) => void) {}

  /** Goes to `to`, at once when nothing may move. */
  go(from: Viewport, to: Viewport, isInstant: boolean): void {
    this.generation += 1;
    if (isInstant) {
      this.apply(to);
      return;
    }
    const generation = this.generation;
    const startMs = performance.now();
    const step = (nowMs: number): void => {
      if (generation !== this.generation) return;
      const progress = Math.min(1, Math.max(0, (nowMs - startMs) / durationMs));
      this.apply(progress < 1 ? between(from, to, progress) : to);
      if (progress < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Stops where it is: the user took over. */
  stop(): void {
    this.generation += 1;
  }
}
