/** Numbers that look random and are the same for the same seed (xorshift, scrambled start). */
export class Random {
  private state: number;

  /** `stream` tells apart the inputs of one seed: each can be made again without the ones before. */
  constructor(seed: number, stream: number) {
    const mixed = Math.imul(seed ^ Math.imul(stream + 1, 0x9e3779b1), 0x85ebca6b);
    this.state = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 0 || 1;
    for (let round = 0; round < 4; round++) this.below(2);
  }

  /** A whole number from 0 to `end - 1`. */
  below(end: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return Math.floor(((this.state >>> 0) / 2 ** 32) * end);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of these; the list must not be empty. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}
