import type { TimelineQuery } from '../../src/shared/api';
import type { TimelineView } from '../../src/shared/views';
import { cutTo, type Range, windowAround } from '../canvas/range';
import { indexSlices, type SliceIndex } from './sliceIndex';

/** What the timeline wants to show. */
export interface TimelineWish {
  readonly totalNs: number;
  /** Null: everything. */
  readonly viewport: Range | null;
  readonly widthDevicePx: number;
}

/** Slices of a part of the run. The whole one comes first; finer ones join it. */
export interface TimelinePicture extends Range {
  readonly index: SliceIndex;
  readonly minWidthNs: number;
  readonly isWhole: boolean;
}

/**
 * Fetches slices so that there is always a picture: the whole run first, then finer ones of the part in view with a
 * screen of room at both sides. One request is under way at a time; what was shown stays until something better is here.
 */
export class TimelineSource {
  private whole: TimelinePicture | undefined;
  private part: TimelinePicture | undefined;
  private wish: TimelineWish | undefined;
  private generation = 0;
  private isAsking = false;

  constructor(
    private readonly ask: (query: TimelineQuery) => Promise<TimelineView>,
    private readonly onPicture: (picture: TimelinePicture) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Says what is wanted now; asks for what is missing. */
  want(wish: TimelineWish): void {
    this.wish = wish;
    void this.fetchMissing();
  }

  /** Forgets everything: the run was read anew. */
  reset(): void {
    this.generation += 1;
    this.whole = undefined;
    this.part = undefined;
    this.wish = undefined;
  }

  private async fetchMissing(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      for (let query = this.nextQuery(); query; query = this.nextQuery()) await this.fetch(query);
    } catch (error) {
      this.onFailure(error);
    } finally {
      this.isAsking = false;
    }
  }

  private async fetch(query: TimelineQuery): Promise<void> {
    const { generation } = this;
    const isWhole = this.whole === undefined;
    const view = await this.ask(query).catch((error: unknown) => {
      if (generation === this.generation) throw error;
      return undefined;
    });
    if (!view || generation !== this.generation) return;
    const picture = {
      index: indexSlices(view),
      startNs: query.rangeStartNs,
      endNs: query.rangeEndNs,
      minWidthNs: query.minWidthNs,
      isWhole,
    };
    if (isWhole) this.whole = picture;
    else this.part = picture;
    this.onPicture(picture);
  }

  private nextQuery(): TimelineQuery | undefined {
    const { wish, whole, part } = this;
    if (!wish) return undefined;
    if (!whole) return queryFor(wish, { startNs: 0, endNs: wish.totalNs }, wish.totalNs);
    const shown = wish.viewport && cutTo(wish.viewport, whole.endNs);
    if (!shown || [whole, part].some(picture => picture && isServed(wish, shown, picture))) return undefined;
    return queryFor(wish, windowAround(shown, whole.endNs), shown.endNs - shown.startNs);
  }
}

/** Good enough: it covers the part in view and is at most twice as coarse as a new one would be. */
function isServed(wish: TimelineWish, shown: Range, picture: TimelinePicture): boolean {
  const isCovered = shown.startNs >= picture.startNs && shown.endNs <= picture.endNs;
  return isCovered && picture.minWidthNs <= 2 * finestNs(wish, shown.endNs - shown.startNs);
}

/** A device pixel: narrower slices cannot be told apart and come merged. */
function finestNs(wish: TimelineWish, spanNs: number): number {
  return spanNs / Math.max(1, wish.widthDevicePx);
}

function queryFor(wish: TimelineWish, range: Range, spanNs: number): TimelineQuery {
  return {
    kind: 'timeline',
    rangeStartNs: range.startNs,
    rangeEndNs: range.endNs,
    minWidthNs: finestNs(wish, spanNs),
  };
}
