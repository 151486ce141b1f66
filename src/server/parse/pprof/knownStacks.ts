import { GrowingInt32 } from '../../columns/growingColumn';
import { ByteStrings } from '../bytes/byteStrings';

/** No node; -1 is the empty stack. */
export const notKnown = -2;

const most = 20_000;

/** The nodes of stacks by their bytes in the file. Only the latest are remembered. */
export class KnownStacks {
  /** The node of the sample's stack, `notKnown` until it was found. */
  node = notKnown;
  /** Where the stack's bytes are that were asked for. */
  start = 0;
  end = 0;
  private texts = new ByteStrings();
  private nodes = new GrowingInt32();
  private asked = -1;

  /** At the beginning of a sample. */
  restart(): void {
    this.node = notKnown;
    this.asked = -1;
  }

  /** Looks the bytes `start … end - 1` up. */
  find(bytes: Uint8Array, start: number, end: number): void {
    if (this.texts.length >= most) {
      this.texts = new ByteStrings();
      this.nodes = new GrowingInt32();
    }
    this.start = start;
    this.end = end;
    this.asked = this.texts.intern(bytes, start, end);
    if (this.asked === this.nodes.length) this.nodes.push(notKnown);
    this.node = this.nodes.at(this.asked, notKnown);
  }

  /** The stack goes on in another field: `read` reads the part that was found, and nothing is learned of it. */
  forget(read: () => void): void {
    const wasFound = this.node !== notKnown;
    this.restart();
    if (wasFound) read();
  }

  /** Remembers the node of the stack that was not found. */
  learn(node: number): void {
    if (this.asked >= 0) this.nodes.set(this.asked, node, notKnown);
  }
}
