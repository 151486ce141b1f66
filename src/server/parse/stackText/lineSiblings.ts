import { GrowingInt32 } from '../../columns/growingColumn';
import { ByteStrings } from '../bytes/byteStrings';

const colon = 0x3a;
const closing = 0x29;
const zero = 0x30;
const maxLineDigits = 9;
const unknown = -1;

/**
 * Frames that differ in nothing but the line at their end, as `file:function:12` and `function (file:12)` do. Their
 * function is made out once; that is most of what a new frame costs.
 */
export class LineSiblings {
  /** The line of the frame that `find` was asked for last, 0 when it has none. */
  line = 0;
  private readonly heads = new ByteStrings();
  /** By head and whether a parenthesis closes it. */
  private readonly funcs = new GrowingInt32();
  private asked = unknown;

  /** The function of the frame `start … end - 1`, -1 when none with another line was met. */
  find(bytes: Uint8Array, start: number, end: number): number {
    this.asked = unknown;
    const isClosed = bytes[end - 1] === closing;
    const head = this.headEnd(bytes, start, isClosed ? end - 1 : end);
    if (head <= start || this.line === 0) return unknown;
    this.asked = this.heads.intern(bytes, start, head) * 2 + (isClosed ? 1 : 0);
    return this.funcs.at(this.asked, unknown);
  }

  /** Remembers the function of the frame that was not found, unless it was read as one without that line. */
  learn(func: number, line: number): void {
    if (this.asked >= 0 && line === this.line) this.funcs.set(this.asked, func, unknown);
  }

  /** Where the colon before the line stands, -1 without one; reads the line. */
  private headEnd(bytes: Uint8Array, start: number, end: number): number {
    this.line = 0;
    let at = end;
    for (let scale = 1; at > start && end - at <= maxLineDigits; at--, scale *= 10) {
      const digit = (bytes[at - 1] as number) - zero;
      if (digit < 0 || digit > 9) break;
      this.line += digit * scale;
    }
    return end - at <= maxLineDigits && bytes[at - 1] === colon ? at - 1 : -1;
  }
}
