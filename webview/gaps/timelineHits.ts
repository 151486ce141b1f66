import { type Gap, gapAt, readGap } from './gapIndex';
import { type Rect, rectOf, type Scene, trackHeightPx } from './scene';
import { type SliceIndex, sliceAt } from './sliceIndex';
import { trackOfLane } from './tracks';

/** A point of the lanes in CSS pixels from their corner. */
export interface Point {
  readonly xPx: number;
  readonly yPx: number;
}

/** A slice under the pointer, of a picture. */
export interface HoveredSlice {
  readonly kind: 'slice';
  readonly index: SliceIndex;
  readonly slice: number;
  readonly lane: number;
}

/** What is under the pointer. */
export type Hovered = { readonly kind: 'gap'; readonly gap: Gap } | HoveredSlice;

/** The gap, else the slice, under a point. */
export function hitAt(scene: Scene, point: Point): Hovered | undefined {
  const { gaps } = scene;
  const place = placeAt(scene, point);
  const found = gaps && place ? gapAt(gaps, place.track.lane, place.at) : -1;
  const gap = gaps ? readGap(gaps, found) : undefined;
  return gap ? { kind: 'gap', gap } : sliceUnder(scene, point);
}

/** The slice under a point, whatever gap lies over it. */
export function sliceUnder(scene: Scene, point: Point): HoveredSlice | undefined {
  const place = placeAt(scene, point);
  if (!place) return undefined;
  const { row, lane } = place.track;
  const slice = sliceAt(scene.index, row, place.at);
  return slice < 0 ? undefined : { kind: 'slice', index: scene.index, slice, lane };
}

/** Where it is drawn. */
export function rectOfHovered(scene: Scene, hovered: Hovered): Rect {
  if (hovered.kind === 'gap') return rectOf(scene, trackOfLane(scene.tracks, hovered.gap.lane), hovered.gap);
  const { slices } = hovered.index.view;
  const span = { startNs: slices.startNs[hovered.slice] ?? 0, endNs: slices.endNs[hovered.slice] ?? 0 };
  return rectOf(scene, trackOfLane(scene.tracks, hovered.lane), span);
}

/** True when both are the same gap, or the same slice of the same picture. */
export function isSameThing(one: Hovered | undefined, other: Hovered | undefined): boolean {
  if (!one || !other) return one === other;
  if (one.kind === 'gap') return other.kind === 'gap' && one.gap.index === other.gap.index;
  return other.kind === 'slice' && one.slice === other.slice && one.index === other.index;
}

function placeAt({ tracks, viewport, size }: Scene, { xPx, yPx }: Point) {
  const track = tracks[Math.floor((yPx + viewport.scrollTopPx) / trackHeightPx)];
  if (track?.kind !== 'lane' || size.width === 0) return undefined;
  const nsPerPx = ((viewport.endNs - viewport.startNs) / size.width) * size.ratio;
  return { track, at: { ns: viewport.startNs + xPx * nsPerPx, toleranceNs: nsPerPx * 2 } };
}
