import { cutTo, type Range, windowAround } from './range';

/** What a picture is asked for with. */
export interface PictureWish {
  /** The part in view; null: everything. */
  readonly viewport: Range | null;
  readonly widthDevicePx: number;
}

/** A question with the part of the axis that its answer covers, and how fine it is. */
export interface PictureQuestion<Query> {
  readonly query: Query;
  readonly range: Range;
  readonly minWidthNs: number;
}

/** An answer, made ready for drawing. `isWhole` ones start a new picture, the others join it. */
export interface Picture<Index> extends Range {
  readonly index: Index;
  readonly minWidthNs: number;
  readonly isWhole: boolean;
}

/** What one kind of picture is asked for, and how. */
export interface PictureRules<Wish extends PictureWish, Query, View, Index> {
  /** Wishes with the same key see the same things at the same places. */
  keyOf(wish: Wish): string;
  whole(wish: Wish): PictureQuestion<Query>;
  part(wish: Wish, range: Range, minWidthNs: number): PictureQuestion<Query>;
  /** The least width worth asking for when so much is in view. */
  finestNs(wish: Wish, spanNs: number): number;
  indexOf(view: View): Index;
  /** How long the axis is, which an answer knows better than the question. */
  lengthOf(view: View): number;
  ask(query: Query): Promise<View>;
  onPicture(picture: Picture<Index>, key: string): void;
  onFailure(error: unknown): void;
}

/**
 * Fetches pictures so that the view always has one: the whole axis first, then finer ones of the part in view with
 * a screen of room at both sides. One request is under way at a time; answers to a wish that has changed since are
 * dropped, and what was shown stays until something better is here.
 */
export class PictureSource<Wish extends PictureWish, Query, View, Index> {
  private key = '';
  private whole: Picture<Index> | undefined;
  private part: Picture<Index> | undefined;
  private wish: Wish | undefined;
  private generation = 0;
  private isAsking = false;

  constructor(private readonly rules: PictureRules<Wish, Query, View, Index>) {}

  /** Says what is wanted now; asks for what is missing. */
  want(wish: Wish): void {
    const key = this.rules.keyOf(wish);
    if (key !== this.key) this.reset();
    this.key = key;
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
      for (let next = this.nextQuestion(); next; next = this.nextQuestion()) await this.fetch(next);
    } catch (error) {
      this.rules.onFailure(error);
    } finally {
      this.isAsking = false;
    }
  }

  private async fetch({ query, range, minWidthNs }: PictureQuestion<Query>): Promise<void> {
    const { generation, key, rules } = this;
    const isWhole = this.whole === undefined;
    const view = await rules.ask(query).catch((error: unknown) => {
      if (generation === this.generation) throw error;
      return undefined;
    });
    if (!view || generation !== this.generation) return;
    const endNs = isWhole ? Math.max(rules.lengthOf(view), 1) : range.endNs;
    const picture = { index: rules.indexOf(view), startNs: range.startNs, endNs, minWidthNs, isWhole };
    if (isWhole) this.whole = picture;
    else this.part = picture;
    rules.onPicture(picture, key);
  }

  private nextQuestion(): PictureQuestion<Query> | undefined {
    const { wish, whole, part, rules } = this;
    if (!wish) return undefined;
    if (!whole) return rules.whole(wish);
    const shown = wish.viewport && cutTo(wish.viewport, whole.endNs);
    if (!shown) return undefined;
    const finestNs = rules.finestNs(wish, shown.endNs - shown.startNs);
    const isServed = [whole, part].some(picture => picture && serves(picture, shown, finestNs));
    return isServed ? undefined : rules.part(wish, windowAround(shown, whole.endNs), finestNs);
  }
}

/** Good enough: it covers the part in view and is at most twice as coarse as a new one would be. */
function serves(picture: Picture<unknown>, shown: Range, finestNs: number): boolean {
  const isCovered = shown.startNs >= picture.startNs && shown.endNs <= picture.endNs;
  return isCovered && picture.minWidthNs <= 2 * finestNs;
}
