/**
 * Where recorded lines are in the present text. Numbers belong to the text they were measured on: lines that only
 * moved keep them, lines that were edited keep them as stale, deleted lines lose them. The map is made from the two
 * texts alone, so undoing an edit is exact by construction.
 *
 * Equal prefix and suffix are cut off first; then lines that are unique in both texts anchor the rest (patience),
 * and what lies between two anchors is compared with the `diff` package. White space and the style of quotes do
 * not count, and a stretch that a formatter only wrapped differently is mapped character by character.
 */
import { diffArrays } from 'diff';

/** Where a recorded line is now. Lines are 1-based. */
export interface MappedLine {
  readonly line: number;
  /** The line was edited: its numbers belong to its former text. */
  readonly isStale: boolean;
  /** The line's text is the same but for white space, so that columns can be carried over. */
  readonly isSameText: boolean;
}

export interface LineMap {
  /** Present place of a recorded line; undefined when it was deleted or never existed. */
  toPresent(recordedLine: number): MappedLine | undefined;
  /** Recorded line that now stands at a present line; undefined for new lines. */
  toRecorded(presentLine: number): number | undefined;
}

const deleted = 0;

/** Maps recorded text to present text. */
export function lineMap(recorded: string, present: string): LineMap {
  const mapper = new Mapper(splitLines(recorded), splitLines(present));
  mapper.run();
  return mapper;
}

/** The map of a text whose recorded form is unknown: every line stands where it was. */
export const identityMap: LineMap = {
  toPresent: line => ({ line, isStale: false, isSameText: true }),
  toRecorded: line => line,
};

/** Lines of a text, whatever its line ends. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly presentFrom: number;
  readonly presentTo: number;
}

class Mapper implements LineMap {
  private readonly line: Int32Array;
  private readonly isStale: Uint8Array;
  private readonly isSame: Uint8Array;
  private readonly back: Int32Array;
  private readonly recordedKeys: readonly string[];
  private readonly presentKeys: readonly string[];

  constructor(recorded: readonly string[], present: readonly string[]) {
    this.recordedKeys = recorded.map(comparable);
    this.presentKeys = present.map(comparable);
    this.line = new Int32Array(recorded.length).fill(deleted);
    this.isStale = new Uint8Array(recorded.length);
    this.isSame = new Uint8Array(recorded.length);
    this.back = new Int32Array(present.length).fill(deleted);
  }

  toPresent(recordedLine: number): MappedLine | undefined {
    const line = this.line[recordedLine - 1] ?? deleted;
    if (line === deleted) return undefined;
    const at = recordedLine - 1;
    return { line, isStale: this.isStale[at] === 1, isSameText: this.isSame[at] === 1 };
  }

  toRecorded(presentLine: number): number | undefined {
    return this.back[presentLine - 1] || undefined;
  }

  run(): void {
    const whole = { from: 0, to: this.line.length, presentFrom: 0, presentTo: this.back.length };
    const pending: Stretch[] = [whole];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const rest = this.trim(next);
      if (rest.from === rest.to || rest.presentFrom === rest.presentTo) continue;
      const anchors = this.anchors(rest);
      if (anchors.length === 0) this.compare(rest);
      else pending.push(...between(rest, anchors));
    }
  }

  /** Maps the equal lines at both ends of a stretch and answers what is left. */
  private trim({ from, to, presentFrom, presentTo }: Stretch): Stretch {
    let [a, b, c, d] = [from, to, presentFrom, presentTo];
    while (a < b && c < d && this.recordedKeys[a] === this.presentKeys[c]) this.same(a++, c++);
    while (a < b && c < d && this.recordedKeys[b - 1] === this.presentKeys[d - 1]) this.same(--b, --d);
    return { from: a, to: b, presentFrom: c, presentTo: d };
  }

  /** Lines that stand once in each text, in an order that both texts share. */
  private anchors(stretch: Stretch): readonly (readonly [number, number])[] {
    const places = new Map<string, { recorded: number; present: number }>();
    for (let i = stretch.from; i < stretch.to; i++)
      notePlace(places, this.recordedKeys[i] ?? '', 'recorded', i);
    for (let i = stretch.presentFrom; i < stretch.presentTo; i++) {
      notePlace(places, this.presentKeys[i] ?? '', 'present', i);
    }
    const unique: (readonly [number, number])[] = [];
    for (const [key, { recorded, present }] of places) {
      if (key !== '' && recorded >= 0 && present >= 0) unique.push([recorded, present]);
    }
    return longestRise(unique);
  }

  /** Compares a stretch without anchors line by line, within bounds of effort. */
  private compare(stretch: Stretch): void {
    const recorded = this.recordedKeys.slice(stretch.from, stretch.to);
    const present = this.presentKeys.slice(stretch.presentFrom, stretch.presentTo);
    const changes = diffArrays(recorded, present, { maxEditLength: 400 });
    if (changes === undefined) {
      this.edited(stretch);
      return;
    }
    let [from, presentFrom] = [stretch.from, stretch.presentFrom];
    let hunk = { from, presentFrom };
    for (const { added, removed, count } of changes) {
      if (!added && !removed) {
        this.edited({ ...hunk, to: from, presentTo: presentFrom });
        for (let i = 0; i < count; i++) this.same(from++, presentFrom++);
        hunk = { from, presentFrom };
      } else if (added) presentFrom += count;
      else from += count;
    }
    this.edited({ ...hunk, to: from, presentTo: presentFrom });
  }

  /** A hunk whose lines differ: wrapped differently, or really edited. */
  private edited(hunk: Stretch): void {
    const { from, to, presentFrom, presentTo } = hunk;
    if (from === to || presentFrom === presentTo) return;
    // Brackets and commas may only come and go where lines were wrapped: else taking one away is an edit.
    const isWrapped = to - from !== presentTo - presentFrom;
    const recorded = stripped(this.recordedKeys.slice(from, to), isWrapped);
    const present = stripped(this.presentKeys.slice(presentFrom, presentTo), isWrapped);
    if (recorded.join('') === present.join('')) this.rewrapped(hunk, recorded, present);
    else this.rewritten(hunk);
  }

  /** The same characters on other lines: each line goes where its first character went. */
  private rewrapped(hunk: Stretch, recorded: readonly string[], present: readonly string[]): void {
    let [offset, presentEnd, at] = [0, present[0]?.length ?? 0, 0];
    recorded.forEach((text, index) => {
      while (offset >= presentEnd && at < present.length - 1) presentEnd += present[++at]?.length ?? 0;
      this.place(hunk.from + index, hunk.presentFrom + at, false);
      offset += text.length;
    });
  }

  /** Each edited line goes to the line that it resembles most, in order. */
  private rewritten({ from, to, presentFrom, presentTo }: Stretch): void {
    let earliest = presentFrom;
    for (let i = from; i < to; i++) {
      const latest = Math.max(earliest, Math.min(presentTo - 1, presentTo - (to - i)));
      const hinted = Math.min(earliest + (i === from ? 0 : 1), latest);
      const best = this.mostAlike(i, {
        earliest: i === from ? earliest : hinted,
        latest: presentTo - 1,
        hinted,
      });
      this.place(i, best, true);
      earliest = best;
    }
  }

  private mostAlike(recorded: number, range: { earliest: number; latest: number; hinted: number }): number {
    const key = this.recordedKeys[recorded] ?? '';
    let [best, bestScore] = [range.hinted, 0.5];
    for (let at = range.earliest; at <= Math.min(range.latest, range.earliest + 20); at++) {
      const score = likeness(key, this.presentKeys[at] ?? '');
      if (score > bestScore) [best, bestScore] = [at, score];
    }
    return best;
  }

  private same(recorded: number, present: number): void {
    this.place(recorded, present, false);
    this.isSame[recorded] = 1;
  }

  private place(recorded: number, present: number, isStale: boolean): void {
    this.line[recorded] = present + 1;
    this.isStale[recorded] = isStale ? 1 : 0;
    if (this.back[present] === deleted) this.back[present] = recorded + 1;
  }
}

/** A line without what formatters change: white space and the style of quotes. */
function comparable(line: string): string {
  return line.replace(/\s+/g, '').replaceAll('"', "'");
}

/** Also without what formatters add when they wrap: brackets, backslashes, the comma before a closing bracket. */
function stripped(keys: readonly string[], isWrapped: boolean): readonly string[] {
  if (!isWrapped) return keys;
  return keys.map((key, index) => {
    const follower = keys.slice(index + 1).find(next => next !== '') ?? '';
    const isBeforeBracket = key.endsWith(',') && /^[)\]}]/.test(follower);
    const text = isBeforeBracket ? key.slice(0, -1) : key;
    return text.replace(/,(?=[)\]}])|[()\\]/g, '');
  });
}

function notePlace(
  places: Map<string, { recorded: number; present: number }>,
  key: string,
  side: 'recorded' | 'present',
  index: number,
): void {
  const place = places.get(key) ?? { recorded: -1, present: -1 };
  // -2: stands more than once, no anchor.
  place[side] = place[side] === -1 ? index : -2;
  places.set(key, place);
}

/** The longest subsequence that rises in both coordinates (patience sorting); the input rises in the first. */
function longestRise(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  const piles: number[] = [];
  const before = new Int32Array(sorted.length).fill(-1);
  sorted.forEach(([, present], index) => {
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[piles[middle] ?? 0]?.[1] ?? 0) < present) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (piles[low - 1] ?? -1) : -1;
    piles[low] = index;
  });
  const rise: (readonly [number, number])[] = [];
  for (let index = piles.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = sorted[index];
    if (pair) rise.push(pair);
  }
  return rise.reverse();
}

/** The stretches around anchors; each begins with its anchor, so that trimming maps it. */
function between(stretch: Stretch, anchors: readonly (readonly [number, number])[]): Stretch[] {
  const parts: Stretch[] = [];
  let [from, presentFrom] = [stretch.from, stretch.presentFrom];
  for (const [recorded, present] of anchors) {
    parts.push({ from, to: recorded, presentFrom, presentTo: present });
    [from, presentFrom] = [recorded, present];
  }
  parts.push({ from, to: stretch.to, presentFrom, presentTo: stretch.presentTo });
  return parts;
}

/** Share of characters at both ends that two keys have in common: 1 equal, 0 nothing alike. */
function likeness(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  if (shorter === 0) return 0;
  let [head, tail] = [0, 0];
  while (head < shorter && a[head] === b[head]) head++;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return (2 * (head + tail)) / (a.length + b.length);
}
