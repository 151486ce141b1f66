/** Records of a data chunk (`src/collectors/FORMAT.md`), gathered in one buffer. The only place that knows tags. */

const tags = {
  string: 1,
  function: 2,
  location: 3,
  stack: 4,
  lane: 5,
  tick: 6,
  gc: 7,
  file: 8,
  laneName: 9,
  laneEnd: 10,
} as const;
export type RecordTag = keyof typeof tags;

/** State bits of a sample. Above them stands the reason of its wait. */
export const stateBits = { suspended: 1, taskFollows: 2, holdsGil: 4, wantsGil: 8 } as const;

const laneKinds = { thread: 0, task: 1 } as const;
const reasonShift = 4;

/** The state of a sample: `stateBits`, and an index into `waitReasons`. */
export function stateOf(bits: number, reason: number): number {
  return bits | (reason << reasonShift);
}

const maxVarintBytes = 10;
const maxStrings = 50_000;
const initialBytes = 1 << 18;

/** Gathers records until `take`, and numbers strings. Ids are never used twice. */
export class RecordWriter {
  private buffer = Buffer.alloc(initialBytes);
  private length = 0;
  private readonly strings = new Map<string, number>();
  private stringCount = 0;
  private laneCount = 0;

  get byteCount(): number {
    return this.length;
  }

  /** What was gathered, valid until the next record; the writer starts anew. */
  take(): Buffer {
    const content = this.buffer.subarray(0, this.length);
    this.length = 0;
    return content;
  }

  tag(tag: RecordTag): void {
    this.reserve(1);
    this.buffer[this.length++] = tags[tag];
  }

  /** An unsigned LEB128 number, exact below 2^53; what is negative counts as 0. */
  varint(value: number): void {
    this.reserve(maxVarintBytes);
    let rest = Math.max(value, 0);
    while (rest > 0x7fff_ffff) {
      this.buffer[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    let bits = rest | 0;
    while (bits > 127) {
      this.buffer[this.length++] = (bits & 127) | 128;
      bits >>>= 7;
    }
    this.buffer[this.length++] = bits;
  }

  /** A record of numbers only. */
  add(tag: RecordTag, ...numbers: readonly number[]): void {
    this.tag(tag);
    for (const number of numbers) this.varint(number);
  }

  /** The id of a string, defined when it is new. The table is emptied when it gets large: names may be without end. */
  string(text: string): number {
    const known = this.strings.get(text);
    if (known !== undefined) return known;
    if (this.strings.size >= maxStrings) this.strings.clear();
    const id = this.stringCount++;
    this.strings.set(text, id);
    const content = Buffer.from(text, 'utf8');
    this.add('string', id, content.length);
    this.reserve(content.length);
    content.copy(this.buffer, this.length);
    this.length += content.length;
    return id;
  }

  /** Defines a lane and answers its id. `parent`: the lane that it belongs to; -1 none. */
  lane(
    kind: keyof typeof laneKinds,
    name: string,
    { parent, identity, tid }: { parent: number; identity: number; tid: number },
  ): number {
    const id = this.laneCount++;
    const nameId = this.string(name);
    this.add('lane', id, laneKinds[kind], parent + 1, identity, tid, nameId);
    return id;
  }

  private reserve(byteCount: number): void {
    if (this.length + byteCount <= this.buffer.length) return;
    const larger = Buffer.alloc(Math.max(this.buffer.length * 2, this.length + byteCount));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
