/** What the keys that move a picture do. */
export interface MoveTargets {
  readonly widthPx: number;
  readonly heightPx: number;
  zoom(factor: number): void;
  fitOut(): void;
  panBy(xPx: number, yPx: number): void;
}

/** W A S D, plus, minus, 0, and the keys that scroll. Answers whether the key was one of them. */
export function moveByKey(key: string, on: MoveTargets): boolean {
  const stepPx = on.widthPx / 6;
  const pagePx = on.heightPx * 0.9;
  const actions: Readonly<Record<string, () => void>> = {
    w: () => on.zoom(0.7),
    s: () => on.zoom(1 / 0.7),
    '+': () => on.zoom(0.7),
    '=': () => on.zoom(0.7),
    '-': () => on.zoom(1 / 0.7),
    '0': () => on.fitOut(),
    a: () => on.panBy(-stepPx, 0),
    d: () => on.panBy(stepPx, 0),
    PageDown: () => on.panBy(0, pagePx),
    PageUp: () => on.panBy(0, -pagePx),
    Home: () => on.panBy(0, -1e9),
    End: () => on.panBy(0, 1e9),
  };
  const action = actions[key.length === 1 ? key.toLowerCase() : key];
  action?.();
  return action !== undefined;
}
