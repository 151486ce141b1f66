import type { FlameOrder, FlameQuery, RunSummary } from '../../src/shared/api';
import type { FlameView } from '../../src/shared/views';
import { cutTo, type Range, windowAround } from '../canvas/range';
import type { Viewport } from '../canvas/viewport';
import { type BoxIndex, indexBoxes } from './boxes';

/** What the flame graph wants to show. */
export interface FlameWish {
  readonly summary: RunSummary;
  readonly order: FlameOrder;
  readonly lane: number;
  readonly ownCodeOnly: boolean;
  /** The stretch of time that counts; null: the whole run. */
  readonly range: Range | null;
  /** Null: everything. */
  readonly viewport: Viewport | null;
  readonly widthDevicePx: number;
}

export interface FlamePicture {
  readonly index: BoxIndex;
  readonly startNs: number;
  readonly endNs: number;
  readonly minWidthNs: number;
}

/** What a picture was asked for, with the answer; `isWhole` ones start a new layout. */
export interface FlameAnswer extends FlamePicture {
  readonly isWhole: boolean;
  /** Which layout it is a picture of: `layoutKey` of the wish. */
  readonly layoutKey: string;
}

/** Wishes with the same key see the same boxes at the same places. */
export function layoutKey(wish: Omit<FlameWish, 'viewport' | 'widthDevicePx'>): string {
  const { summary, order, lane, ownCodeOnly, range } = wish;
  return JSON.stringify([summary.runId, order, lane, ownCodeOnly, range?.startNs, range?.endNs]);
}

/**
 * Fetches pictures so that the view always has one: the whole axis first, then finer ones of the part in view with
 * a screen of room at both sides. One request is under way at a time; answers to a wish that has changed since are
 * dropped, and what was shown stays until something better is here.
 */
export class FlameSource {
  private layoutKey = '';
  private whole: FlamePicture | undefined;
  private part: FlamePicture | undefined;
  private wish: FlameWish | undefined;
  private isAsking = false;

  constructor(
    private readonly ask: (query: FlameQuery) => Promise<FlameView>,
    private readonly onPicture: (picture: FlameAnswer) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** Says what is wanted now; asks for what is missing. */
  want(wish: FlameWish): void {
    const key = layoutKey(wish);
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.whole = undefined;
      this.part = undefined;
    }
    this.wish = wish;
    void this.fetchMissing();
  }

  /** Forgets everything: the run was read anew. */
  reset(): void {
    this.layoutKey = '';
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

  private async fetch(query: FlameQuery): Promise<void> {
    const key = this.layoutKey;
    const isWhole = this.whole === undefined;
    const view = await this.ask(query).catch((error: unknown) => {
      if (key === this.layoutKey) throw error;
      return undefined;
    });
    if (!view || key !== this.layoutKey) return;
    const endNs = isWhole ? Math.max(view.totalNs, 1) : query.windowEndNs;
    const picture = {
      index: indexBoxes(view),
      startNs: query.windowStartNs,
      endNs,
      minWidthNs: query.minWidthNs,
    };
    if (isWhole) this.whole = picture;
    else this.part = picture;
    this.onPicture({ ...picture, isWhole, layoutKey: key });
  }

  private nextQuery(): FlameQuery | undefined {
    const { wish, whole } = this;
    if (!wish) return undefined;
    if (!whole) {
      const window = { startNs: 0, endNs: longestAxisNs(wish.summary) };
      return queryFor(wish, window, finestNs(wish, axisNs(wish)));
    }
    const shown = wish.viewport && cutTo(wish.viewport, whole.endNs);
    if (!shown || [whole, this.part].some(picture => picture && isServed(wish, shown, picture)))
      return undefined;
    return queryFor(wish, windowAround(shown, whole.endNs), finestNs(wish, shown.endNs - shown.startNs));
  }
}

/** Good enough: it covers the part in view and is at most twice as coarse as a new one would be. */
function isServed(wish: FlameWish, shown: Range, picture: FlamePicture): boolean {
  const isCovered = shown.startNs >= picture.startNs && shown.endNs <= picture.endNs;
  return isCovered && picture.minWidthNs <= 2 * finestNs(wish, shown.endNs - shown.startNs);
}

/** A quarter of a device pixel: narrower boxes cannot be seen and come as fillers. */
function finestNs(wish: FlameWish, spanNs: number): number {
  return spanNs / Math.max(1, wish.widthDevicePx) / 4;
}

function queryFor(wish: FlameWish, window: Range, minWidthNs: number): FlameQuery {
  return {
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
}

/** In left-heavy order the axis is as long as the range; in time order it is the run's. */
function axisNs({ order, range, summary }: FlameWish): number {
  return order === 'leftHeavy' && range ? range.endNs - range.startNs : summary.durationNs;
}

/** Before the first answer: left-heavy order sets the lanes side by side, so the axis can be that long. */
function longestAxisNs(summary: RunSummary): number {
  return summary.durationNs * Math.max(1, summary.lanes.length);
}
