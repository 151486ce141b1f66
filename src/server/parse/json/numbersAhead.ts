import { GrowingFloat64 } from '../../columns/growingColumn';
import type { Slicer } from '../../slicer';
import type { ByteSource } from '../bytes/byteSource';
import { JsonDamaged } from './jsonDamaged';
import { findKeyBehindNumbers } from './jsonKeySearch';
import { JsonReader } from './jsonReader';

/** Weights of samples and the like are few bytes, of which few are read at a time. */
const windowBytes = 256 * 1024;
const batch = 1024;

/**
 * An array of numbers, read ahead of its place in the file: what tools write behind the samples but says what they are
 * worth. For pictures only; the file itself is read in its order.
 */
export class NumbersAhead {
  /** The numbers so far. */
  readonly values = new GrowingFloat64();
  private readonly chunk = new Float64Array(batch);

  private constructor(private reader: JsonReader | undefined) {}

  /**
   * The array under a key that stands directly behind the array of numbers, or of lists of numbers, in which `from` lies. There
   * are no values when anything else stands there.
   */
  static async behind(source: ByteSource, from: number, key: string, slicer: Slicer): Promise<NumbersAhead> {
    const at = await findKeyBehindNumbers(source, { from, key, opening: '[' }, slicer);
    if (at < 0) return new NumbersAhead(undefined);
    const reader = new JsonReader(source, at, windowBytes);
    reader.beginArray();
    return new NumbersAhead(reader);
  }

  /** Reads until there are so many values, or no more; what is no number becomes `otherwise`. */
  async readTo(count: number, otherwise: number, slicer: Slicer): Promise<void> {
    while (this.reader !== undefined && this.values.length < count) {
      if (!this.readBatch(this.reader, otherwise)) this.reader = undefined;
      await slicer.pauseIfDue(0);
    }
  }

  /** False at the end of the array, or where it is damaged. */
  private readBatch(reader: JsonReader, otherwise: number): boolean {
    try {
      const count = reader.numbers(this.chunk, otherwise);
      for (const value of this.chunk.subarray(0, count)) {
        this.values.push(Number.isFinite(value) ? value : otherwise);
      }
      return count === batch;
    } catch (error) {
      if (!(error instanceof JsonDamaged)) throw error;
      return false;
    }
  }
}
