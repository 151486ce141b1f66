import { isTextAt, wordsOf } from '../bytes/byteWords';

/** `nextKey` for a key that is not in the list. */
export const otherKey = -2;

/** The keys that a parser knows, for comparing bytes instead of making strings. */
export class JsonKeys {
  private readonly bytes: readonly Uint8Array[];
  private readonly slots = new Int16Array(256).fill(-1);
  private readonly chained: Int16Array;
  /** The key that came last after each key, and at last after the beginning of an object: mostly it comes again. */
  private readonly followers: Int16Array;
  private previous: number;
  /** Each key as files have it, with its quotes and its colon. */
  private readonly spelled: readonly DataView[];
  expectedLength = 0;

  /** `nextKey` answers with an index into `names`. */
  constructor(readonly names: readonly string[]) {
    this.bytes = names.map(name => new TextEncoder().encode(name));
    this.spelled = names.map(name => wordsOf(new TextEncoder().encode(`"${name}":`)));
    this.chained = new Int16Array(names.length).fill(-1);
    this.followers = new Int16Array(names.length + 1);
    this.previous = names.length;
    this.bytes.forEach((key, index) => {
      const slot = slotOf(key, 0, key.length);
      this.chained[index] = this.slots[slot] as number;
      this.slots[slot] = index;
    });
  }

  /** At the beginning of an object. */
  restart(): void {
    this.previous = this.names.length;
  }

  /**
   * The key that is expected next, when it stands at `at` with its quotes and its colon, in so many bytes as `expectedLength`
   * then says. Else `otherKey`.
   */
  expected(words: DataView, at: number): number {
    const guess = this.followers[this.previous] as number;
    const key = this.spelled[guess] as DataView;
    if (!isTextAt(key, words, at)) return otherKey;
    this.expectedLength = key.byteLength;
    this.previous = guess;
    return guess;
  }

  /** Learns that `key` came after the key before it. */
  learn(key: number): void {
    this.followers[this.previous] = key;
    this.previous = key;
  }

  /** The index of the key in `bytes[start … end - 1]`, or `otherKey`. */
  find(bytes: Uint8Array, start: number, end: number): number {
    let index = this.slots[slotOf(bytes, start, end)] as number;
    while (index >= 0 && !isSame(this.bytes[index] as Uint8Array, bytes, start, end)) {
      index = this.chained[index] as number;
    }
    return index < 0 ? otherKey : index;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  return (((bytes[start] as number) * 7 + (bytes[end - 1] as number)) * 5 + end - start) & 0xff;
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
