import type { FlameOrder, FlameQuery, RunSummary } from '../../src/shared/api';
import type { FlameView } from '../../src/shared/views';
import { type Picture, type PictureQuestion, PictureSource, type PictureWish } from '../canvas/pictureSource';
import type { Range } from '../canvas/range';
import { type BoxIndex, indexBoxes } from './boxes';

/** What the flame graph wants to show. */
export interface FlameWish extends PictureWish {
  readonly summary: RunSummary;
  readonly order: FlameOrder;
  readonly lane: number;
  readonly ownCodeOnly: boolean;
  /** The stretch of time that counts; null: the whole run. */
  readonly range: Range | null;
}

/** A picture with the layout that it shows: `layoutKey` of the wish. `isWhole` ones start a new layout. */
export interface FlameAnswer extends Picture<BoxIndex> {
  readonly layoutKey: string;
}

/** Wishes with the same key see the same boxes at the same places. */
export function layoutKey(wish: Omit<FlameWish, keyof PictureWish>): string {
  const { summary, order, lane, ownCodeOnly, range } = wish;
  return JSON.stringify([summary.runId, order, lane, ownCodeOnly, range?.startNs, range?.endNs]);
}

/** Fetches flame graphs. */
export class FlameSource extends PictureSource<FlameWish, FlameQuery, FlameView, BoxIndex> {
  constructor(
    ask: (query: FlameQuery) => Promise<FlameView>,
    onPicture: (picture: FlameAnswer) => void,
    onFailure: (error: unknown) => void,
  ) {
    super({
      keyOf: layoutKey,
      whole: wish =>
        questionFor(wish, { startNs: 0, endNs: longestAxisNs(wish.summary) }, finestNs(wish, axisNs(wish))),
      part: questionFor,
      finestNs,
      indexOf: indexBoxes,
      lengthOf: view => view.totalNs,
      ask,
      onPicture: (picture, key) => onPicture({ ...picture, layoutKey: key }),
      onFailure,
    });
  }
}

/** A quarter of a device pixel: narrower boxes cannot be seen and come as fillers. */
function finestNs(wish: FlameWish, spanNs: number): number {
  return spanNs / Math.max(1, wish.widthDevicePx) / 4;
}

function questionFor(wish: FlameWish, window: Range, minWidthNs: number): PictureQuestion<FlameQuery> {
  const query: FlameQuery = {
    kind: 'flame',
    order: wish.order,
    lane: wish.lane,
    rangeStartNs: wish.range?.startNs ?? 0,
    rangeEndNs: wish.range?.endNs ?? wish.summary.durationNs,
    minWidthNs,
    windowStartNs: window.startNs,
    windowEndNs: window.endNs,
    ownCodeOnly: wish.ownCodeOnly,
  };
  return { query, range: window, minWidthNs };
}

/** In left-heavy order the axis is as long as the range; in time order it is the run's. */
function axisNs({ order, range, summary }: FlameWish): number {
  return order === 'leftHeavy' && range ? range.endNs - range.startNs : summary.durationNs;
}

/** Before the first answer: left-heavy order sets the lanes side by side, so the axis can be that long. */
function longestAxisNs(summary: RunSummary): number {
  return summary.durationNs * Math.max(1, summary.lanes.length);
}
