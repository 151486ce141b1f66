import type { TimelineQuery } from '../../src/shared/api';
import type { TimelineView } from '../../src/shared/views';
import { type Picture, type PictureQuestion, PictureSource, type PictureWish } from '../canvas/pictureSource';
import type { Range } from '../canvas/range';
import { indexSlices, type SliceIndex } from './sliceIndex';

/** What the timeline wants to show. */
export interface TimelineWish extends PictureWish {
  readonly totalNs: number;
}

/** Slices of the whole run, or finer ones of a part of it. */
export type TimelinePicture = Picture<SliceIndex>;

/** Fetches slices. */
export class TimelineSource extends PictureSource<TimelineWish, TimelineQuery, TimelineView, SliceIndex> {
  constructor(
    ask: (query: TimelineQuery) => Promise<TimelineView>,
    onPicture: (picture: TimelinePicture) => void,
    onFailure: (error: unknown) => void,
  ) {
    super({
      keyOf: wish => String(wish.totalNs),
      whole: wish => questionFor({ startNs: 0, endNs: wish.totalNs }, finestNs(wish, wish.totalNs)),
      part: (_wish, range, minWidthNs) => questionFor(range, minWidthNs),
      finestNs,
      indexOf: indexSlices,
      lengthOf: view => view.totalNs,
      ask,
      onPicture,
      onFailure,
    });
  }
}

/** A device pixel: narrower slices cannot be told apart and come merged. */
function finestNs(wish: TimelineWish, spanNs: number): number {
  return spanNs / Math.max(1, wish.widthDevicePx);
}

function questionFor(range: Range, minWidthNs: number): PictureQuestion<TimelineQuery> {
  const query = { rangeStartNs: range.startNs, rangeEndNs: range.endNs, minWidthNs };
  return { query: { kind: 'timeline', ...query }, range, minWidthNs };
}
