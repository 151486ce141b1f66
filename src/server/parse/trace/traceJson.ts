import type { ByteSource } from '../bytes/byteSource';
import type { ByteStrings } from '../bytes/byteStrings';
import { isTextAt, wordsOf } from '../bytes/byteWords';
import { minus, quote, zero } from '../json/jsonBytes';
import { margin } from '../json/jsonCursor';
import { JsonReader } from '../json/jsonReader';
import { RecentStrings } from './recentStrings';

/** What differs from one call to the next in a file of calls; all else is written the same for a whole thread. */
export const varied = { time: 0, duration: 1, name: 2 } as const;

/** Where in the file a value stands that differs. */
export interface VariedPlace {
  readonly what: (typeof varied)[keyof typeof varied];
  readonly start: number;
  readonly end: number;
}

/** How the calls of a thread are written: the texts before, between and behind the values that differ. */
interface Form<Same> {
  readonly texts: readonly DataView[];
  readonly order: readonly VariedPlace['what'][];
  /** What all calls of this form have in common. */
  readonly same: Same;
}

/** Threads take turns: so many are remembered. */
const maxForms = 8;
/** No form is longer; numbers and names come on top. */
const maxFormBytes = margin / 2;

/**
 * A reader of trace events that remembers how the last calls were written. Where the next one is written the same, only its time,
 * its duration and its name are read, and everything between is compared with what stood there before.
 */
export class TraceJson<Same> extends JsonReader {
  /** Nanoseconds, on the trace's clock. */
  timeNs = 0;
  durationNs = 0;
  /** An id in the names. */
  name = -1;
  private readonly forms: Form<Same>[] = [];
  private last = 0;
  private replaced = 0;
  private readonly recent: RecentStrings;
  private knownCount = 0;
  private learnedCount = 0;

  constructor(
    source: ByteSource,
    private readonly names: ByteStrings,
  ) {
    super(source);
    this.recent = new RecentStrings(names);
  }

  /**
   * Reads the call at hand when it is written as one of the last ones, and answers what it has in common with that; its time, duration
   * and name are then here. Else undefined, and nothing is consumed.
   */
  knownCall(): Same | undefined {
    const { forms } = this;
    if (forms.length === 0 || this.filled - this.pos < margin) return undefined;
    for (let i = 0; i < forms.length; i++) {
      const index = (this.last + i) % forms.length;
      const form = forms[index] as Form<Same>;
      if (!this.readAs(form)) continue;
      this.last = index;
      this.knownCount++;
      return form.same;
    }
    return undefined;
  }

  /**
   * Remembers how the call is written that was read from `start` on and has all three values. Where each call is written in another
   * way, it soon does so no more.
   */
  learn(start: number, places: readonly VariedPlace[], same: Same): void {
    const from = this.placeOf(start);
    if (from < 0 || places.length !== 3 || this.learnedCount > this.knownCount + maxForms * 8) return;
    const [a, b, c] = places as readonly [VariedPlace, VariedPlace, VariedPlace];
    const texts = [
      this.textOf(start, a.start),
      this.textOf(a.end, b.start),
      this.textOf(b.end, c.start),
      this.textOf(c.end, this.offset),
    ];
    if (texts.reduce((sum, { byteLength }) => sum + byteLength, 0) > maxFormBytes) return;
    this.learnedCount++;
    this.last = this.forms.length < maxForms ? this.forms.length : this.replaced++ % maxForms;
    this.forms[this.last] = { texts, order: places.map(({ what }) => what), same };
  }

  private textOf(start: number, end: number): DataView {
    return wordsOf(this.buffer.slice(this.placeOf(start), this.placeOf(end)));
  }

  private readAs({ texts, order }: Form<Same>): boolean {
    const start = this.pos;
    for (let i = 0; i < 4; i++) {
      const text = texts[i] as DataView;
      const isThere = this.filled - this.pos >= text.byteLength && isTextAt(text, this.words, this.pos);
      if (!isThere) return this.backTo(start);
      this.pos += text.byteLength;
      if (i < 3 && !this.readVaried(order[i] as number)) return this.backTo(start);
    }
    return true;
  }

  private backTo(start: number): false {
    this.pos = start;
    return false;
  }

  /** Reads a value without moving the window; false when that cannot be or it is of another sort. */
  private readVaried(what: number): boolean {
    if (what === varied.name) return this.readName();
    const byte = this.buffer[this.pos] as number;
    if (byte !== minus && (byte < zero || byte > zero + 9)) return false;
    const valueNs = Math.round(this.plainNumber() * 1000);
    if (what === varied.time) this.timeNs = valueNs;
    else this.durationNs = valueNs;
    return true;
  }

  private readName(): boolean {
    const { buffer, words, recent } = this;
    if (buffer[this.pos] !== quote) return false;
    const start = this.pos + 1;
    let name = recent.find(words, start, this.filled);
    if (name < 0) {
      const end = this.plainEnd(start);
      if (buffer[end] !== quote) return false;
      name = this.names.intern(buffer, start, end);
      recent.remember(name);
    }
    this.name = name;
    this.pos = start + this.names.byteLength(name) + 1;
    return true;
  }
}
