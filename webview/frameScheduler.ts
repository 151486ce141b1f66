/** Resolves when the next animation frame is laid out and drawn. */
export function afterNextFrame(): Promise<void> {
  return new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
}

/** Runs `work` once in the next animation frame, however often it is called before. Idle when not called. */
export function onNextFrame(work: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      work();
    });
  };
}
