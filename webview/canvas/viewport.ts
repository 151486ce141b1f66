/**
 * Where the flame graph looks: a range of its x axis and a vertical scroll position. All functions are pure and
 * clamp to the extent, so that a viewport is always valid.
 */
export interface Viewport {
  readonly startNs: number;
  readonly endNs: number;
  /** CSS pixels hidden above the first visible row. */
  readonly scrollTopPx: number;
}

/** The narrowest range that can be shown: below a microsecond a sample says nothing. */
export const minSpanNs = 1000;

/** Short axes, and those of counts and bytes, have a narrower one in proportion. */
function narrowestOf(totalNs: number): number {
  return Math.min(minSpanNs, totalNs / 1000) || minSpanNs;
}

/** The whole x axis, from the top. */
export function wholeOf(totalNs: number): Viewport {
  return { startNs: 0, endNs: totalNs || minSpanNs, scrollTopPx: 0 };
}

/** True when nothing is zoomed in. */
export function isWhole(viewport: Viewport, totalNs: number): boolean {
  return viewport.startNs <= 0 && viewport.endNs >= totalNs;
}

/** Zooms by `factor` (below 1 zooms in) and keeps the place at `anchor` (0 left, 1 right) where it is. */
export function zoomAt(
  viewport: Viewport,
  factor: number,
  at: { anchor: number; totalNs: number },
): Viewport {
  const span = viewport.endNs - viewport.startNs;
  const newSpan = clamp(span * factor, narrowestOf(at.totalNs), at.totalNs || minSpanNs);
  const anchorNs = viewport.startNs + span * at.anchor;
  return withRange(viewport, anchorNs - newSpan * at.anchor, { spanNs: newSpan, totalNs: at.totalNs });
}

/** Moves sideways and stops at the ends. */
export function panBy(viewport: Viewport, deltaNs: number, totalNs: number): Viewport {
  const spanNs = viewport.endNs - viewport.startNs;
  return withRange(viewport, viewport.startNs + deltaNs, { spanNs, totalNs });
}

/** Shows exactly `startNs … endNs`, as far as the axis and the narrowest range allow. */
export function fitRange(
  viewport: Viewport,
  range: { startNs: number; endNs: number },
  totalNs: number,
): Viewport {
  const spanNs = clamp(range.endNs - range.startNs, narrowestOf(totalNs), totalNs || minSpanNs);
  return withRange(viewport, (range.startNs + range.endNs - spanNs) / 2, { spanNs, totalNs });
}

/** Scrolls to `scrollTopPx`, not past the content's end. */
export function scrollTo(
  viewport: Viewport,
  scrollTopPx: number,
  height: { contentPx: number; viewPx: number },
): Viewport {
  const limit = Math.max(0, height.contentPx - height.viewPx);
  return { ...viewport, scrollTopPx: clamp(scrollTopPx, 0, limit) };
}

/** The scroll position that shows a row: unchanged when it is visible, else with room around it. */
export function scrollToShow(
  row: { topPx: number; heightPx: number },
  scrollTopPx: number,
  viewHeightPx: number,
): number {
  if (row.topPx < scrollTopPx) return Math.max(0, row.topPx - row.heightPx);
  const bottom = row.topPx + row.heightPx * 2;
  return bottom > scrollTopPx + viewHeightPx ? bottom - viewHeightPx : scrollTopPx;
}

/** The viewport a part `progress` (0 … 1) of the way; ranges move in proportion, which looks like a steady zoom. */
export function between(from: Viewport, to: Viewport, progress: number): Viewport {
  const eased = 1 - (1 - progress) ** 3;
  const mix = (start: number, end: number): number => start + (end - start) * eased;
  return {
    startNs: mix(from.startNs, to.startNs),
    endNs: mix(from.endNs, to.endNs),
    scrollTopPx: mix(from.scrollTopPx, to.scrollTopPx),
  };
}

/** Part of the viewport's width, 0 … 1 inside it, at which a place of the x axis lies. */
export function positionOf(viewport: Viewport, ns: number): number {
  return (ns - viewport.startNs) / (viewport.endNs - viewport.startNs);
}

/** `value` held within its limits; the lower one wins when they cross. */
export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

function withRange(viewport: Viewport, startNs: number, axis: { spanNs: number; totalNs: number }): Viewport {
  const start = clamp(startNs, 0, (axis.totalNs || minSpanNs) - axis.spanNs);
  return { ...viewport, startNs: start, endNs: start + axis.spanNs };
}
