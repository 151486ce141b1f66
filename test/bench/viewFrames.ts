/** Frame times of a journey through a picture. */
export interface FrameTimes {
  /** From an input to the last painted canvas, the shortest first. */
  readonly workMs: number[];
  /** From frame to frame while nothing is measured, the shortest first. */
  readonly intervalMs: number[];
  /** Which step of the journey took longest. */
  readonly slowest: string;
}

/**
 * Runs in the page and must not use anything outside of itself: zooms in, pans, and zooms out again by the wheel, a turn
 * a frame, as fast as anybody can. First untouched, then `journeys` times with a pixel of each canvas read back, so that
 * painting counts. Of each step the least time counts: what another process takes away is none of the page's work.
 */
export async function measureFrames({
  selector,
  journeys,
}: {
  selector: string;
  journeys: number;
}): Promise<FrameTimes> {
  const canvas = document.querySelector<HTMLCanvasElement>(selector);
  if (!canvas) throw new Error(`there is no ${selector}`);
  const bounds = canvas.getBoundingClientRect();
  const nextFrame = window.requestAnimationFrame.bind(window);
  const canvases = [...document.querySelectorAll('canvas')].filter(one => one.width > 0);
  const steps = [
    ...new Array(40).fill('zoom in'),
    ...new Array(80).fill('pan right'),
    ...new Array(80).fill('pan left'),
    ...new Array(40).fill('zoom out'),
  ] as string[];
  const turn = (step: string): void => {
    const isZoom = step.startsWith('zoom');
    const delta = step === 'zoom in' ? -60 : step === 'zoom out' ? 60 : step === 'pan right' ? 40 : -40;
    const at = { clientX: bounds.x + bounds.width * 0.4, clientY: bounds.y + bounds.height / 2 };
    const wheel = isZoom ? { deltaY: delta, ctrlKey: true } : { deltaX: delta };
    canvas.dispatchEvent(new WheelEvent('wheel', { ...at, ...wheel, bubbles: true, cancelable: true }));
  };

  const intervalMs: number[] = [];
  let last = await new Promise<number>(nextFrame);
  for (const step of steps) {
    turn(step);
    const now = await new Promise<number>(nextFrame);
    intervalMs.push(now - last);
    last = now;
  }

  let spentMs = 0;
  window.requestAnimationFrame = work =>
    nextFrame(now => {
      const startMs = performance.now();
      work(now);
      spentMs += performance.now() - startMs;
    });
  const least = steps.map(() => Number.POSITIVE_INFINITY);
  for (let journey = 0; journey < journeys; journey++) {
    for (const [at, step] of steps.entries()) {
      spentMs = 0;
      const startMs = performance.now();
      turn(step);
      spentMs += performance.now() - startMs;
      await new Promise<number>(nextFrame);
      const paintMs = performance.now();
      for (const one of canvases) one.getContext('2d')?.getImageData(0, 0, 1, 1);
      spentMs += performance.now() - paintMs;
      least[at] = Math.min(least[at] ?? 0, spentMs);
    }
  }
  window.requestAnimationFrame = nextFrame;
  const ascending = (a: number, b: number): number => a - b;
  return {
    slowest: steps[least.indexOf(Math.max(...least))] ?? '',
    workMs: least.sort(ascending),
    intervalMs: intervalMs.sort(ascending),
  };
}
