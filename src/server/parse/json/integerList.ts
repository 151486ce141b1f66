import { firstRoom, grown } from '../../columns/growingColumn';

/** One array of whole numbers after another, and how far the present one begins like the one before. */
export class IntegerList {
  values = new Int32Array(firstRoom);
  /** Where each value ends in the text, counted from `textStart`. */
  private ends = new Int32Array(firstRoom);
  length = 0;
  /** So many values are the same, in the same places, as in the array before. */
  sameCount = 0;
  /** Place in the file of the first value's text, -1 when the text is not made of such values alone. */
  textStart = -1;
  private lengthBefore = 0;

  /** Begins the next array. */
  restart(): void {
    this.lengthBefore = this.length;
    this.length = 0;
    this.sameCount = 0;
  }

  /** Appends a value. `end` is where it ends in the text. */
  push(value: number, end = 0): void {
    const index = this.length++;
    if (index === this.values.length) {
      this.values = grown(this.values, this.length, Int32Array);
      this.ends = grown(this.ends, this.length, Int32Array);
    }
    this.ends[index] = end;
    if (index === this.sameCount && index < this.lengthBefore && this.values[index] === value) {
      this.sameCount++;
    } else this.values[index] = value;
  }

  /** The length of the array's text, with the bracket or comma behind the last value. */
  get textLength(): number {
    return this.length === 0 ? 0 : (this.ends[this.length - 1] as number) + 1;
  }

  /** After `restart`: the first `byteCount` bytes are those of the array before. Takes over the values that end in them. */
  keep(byteCount: number): void {
    let kept = this.lengthBefore;
    while (kept > 0 && (this.ends[kept - 1] as number) >= byteCount) kept--;
    this.length = kept;
    this.sameCount = kept;
  }
}
