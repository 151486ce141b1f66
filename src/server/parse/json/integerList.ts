import { firstRoom, grown } from '../../columns/growingColumn';

/** One array of whole numbers after another, and how far the present one begins like the one before. */
export class IntegerList {
  values = new Int32Array(firstRoom);
  length = 0;
  /** So many values are the same, in the same places, as in the array before. */
  sameCount = 0;
  private lengthBefore = 0;

  /** Begins the next array. */
  restart(): void {
    this.lengthBefore = this.length;
    this.length = 0;
    this.sameCount = 0;
  }

  /** Appends a value. */
  push(value: number): void {
    const index = this.length++;
    if (index === this.values.length) this.values = grown(this.values, this.length, Int32Array);
    if (index === this.sameCount && index < this.lengthBefore && this.values[index] === value) {
      this.sameCount++;
    } else this.values[index] = value;
  }
}
