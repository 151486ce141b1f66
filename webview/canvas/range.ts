/** A stretch of an axis, nanoseconds from its start. */
export interface Range {
  readonly startNs: number;
  readonly endNs: number;
}

/** The part of a range that lies on the axis; undefined when there is none. */
export function cutTo(viewport: Range, totalNs: number): Range | undefined {
  const range = { startNs: Math.max(0, viewport.startNs), endNs: Math.min(totalNs, viewport.endNs) };
  return range.endNs > range.startNs ? range : undefined;
}

/** A range with a screen of room at both sides. */
export function windowAround(shown: Range, totalNs: number): Range {
  const spanNs = shown.endNs - shown.startNs;
  return { startNs: Math.max(0, shown.startNs - spanNs), endNs: Math.min(totalNs, shown.endNs + spanNs) };
}
