/**
 * Stacks written as text, root first, frames parted by `;`. A line's stack is looked up by bytes: what it has in
 * common with the line before is taken over, and the rest is interned without making strings.
 *
 *     line before   P1;T2;main;load;parse 3
 *     this line     P1;T2;main;load;read 12
 *                   ~~~~~~~~~~~~~~~~ taken over
 */
import { maxDepth } from '../../shared/depthFirst';
import { ByteStrings } from './byteStrings';
import { bareFrame, type FrameReader, type FrameText } from './frameShapes';
import { GrowingInt32, grown } from './growingColumn';
import type { ProfileBuilder } from './profileBuilder';
import { isWaitingFunction } from './waitingFunctions';

const semicolon = 0x3b;
/** A path with more semicolons than this is split, and after so many vain attempts none is joined any more. */
const maxJoinedPieces = 8;
const maxVainJoins = 1000;
const notWhole = -1;

export class FoldedStacks {
  /** True once a frame with a line was met. */
  hasLines = false;
  /** True once a frame's file had a folder. */
  hasFolders = false;
  /** How many bytes from the line's start on are those of the line before. */
  commonBytes = 0;
  private readonly pieces = new ByteStrings();
  private readonly frameOfPiece = new GrowingInt32();
  private line: Uint8Array = new Uint8Array(0);
  private lineStart = 0;
  private previous: Uint8Array = new Uint8Array(64 * 1024);
  private previousLength = 0;
  /** Of the line before: where its stack began, where each frame ends, and the node up to there. */
  private stackStart = -1;
  private ends = new Int32Array(256);
  private nodes = new Int32Array(256);
  private depth = 0;
  private vainJoins = 0;
  private leaf = notWhole;
  private readonly waitingFrames = new Set<number>();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly read: FrameReader,
  ) {}

  /** Goes to the line `bytes[start … end - 1]`, which stays valid until its stack was asked for. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    const { previous } = this;
    const length = end - start;
    const most = Math.min(length, this.previousLength);
    let common = 0;
    while (common < most && bytes[start + common] === previous[common]) common++;
    if (length > previous.length) this.previous = grown(previous, length, Uint8Array);
    this.previous.set(bytes.subarray(start + common, end), common);
    this.previousLength = length;
    this.commonBytes = common;
    this.line = bytes;
    this.lineStart = start;
  }

  /** The node of the stack in `from … end - 1` of the present line's bytes; -1 when it has no frames. */
  node(from: number, end: number): number {
    const { line, lineStart } = this;
    let depth = this.keptDepth(from - lineStart, end - lineStart);
    let node = depth === 0 ? -1 : (this.nodes[depth - 1] as number);
    this.leaf = notWhole;
    let at = depth === 0 ? from : lineStart + (this.ends[depth - 1] as number) + 1;
    while (at < end && depth <= maxDepth) {
      let stop = at;
      while (stop < end && line[stop] !== semicolon) stop++;
      if (stop > at) {
        let frame = this.frameAt(at, stop);
        if (frame === notWhole) {
          stop = this.joinedEnd(at, stop, end);
          frame = this.frameAt(at, stop);
        }
        node = this.builder.node(node, frame);
        this.leaf = frame;
      }
      if (depth === this.ends.length) this.growDepth();
      this.ends[depth] = stop - lineStart;
      this.nodes[depth++] = node;
      at = stop + 1;
    }
    this.stackStart = from - lineStart;
    this.depth = depth;
    return node;
  }

  /** True when the stack that was asked for last has a known waiting function on top. */
  get isWaiting(): boolean {
    return this.waitingFrames.has(this.leaf);
  }

  /** How many frames of the line before are also this line's: those whose separator is common too. */
  private keptDepth(from: number, end: number): number {
    if (from !== this.stackStart) return 0;
    const limit = Math.min(this.commonBytes, end);
    let kept = this.depth;
    while (kept > 0 && (this.ends[kept - 1] as number) >= limit) kept--;
    // The last frame of the line before ended at a space, which may lie inside of a frame here.
    const last = kept > 0 ? this.line[this.lineStart + (this.ends[kept - 1] as number)] : semicolon;
    return last === semicolon ? kept : kept - 1;
  }

  /** The frame that the bytes spell, `notWhole` when they are only a part of one. */
  private frameAt(start: number, end: number): number {
    const piece = this.pieces.intern(this.line, start, end);
    if (piece < this.frameOfPiece.length) return this.frameOfPiece.at(piece);
    const text = this.read(this.pieces.text(piece));
    const frame = text === undefined ? notWhole : this.addFrame(text);
    this.frameOfPiece.push(frame);
    return frame;
  }

  /** Where a frame ends that has semicolons in it. When no end makes it whole, its first piece is made a name. */
  private joinedEnd(start: number, firstEnd: number, end: number): number {
    let stop = firstEnd;
    for (let pieces = 1; pieces < maxJoinedPieces && stop < end; pieces++) {
      if (this.vainJoins >= maxVainJoins) break;
      stop++;
      while (stop < end && this.line[stop] !== semicolon) stop++;
      if (this.frameAt(start, stop) !== notWhole) return stop;
    }
    this.vainJoins++;
    const piece = this.pieces.intern(this.line, start, firstEnd);
    this.frameOfPiece.set(piece, this.addFrame(bareFrame(this.pieces.text(piece))), notWhole);
    return firstEnd;
  }

  private addFrame({ name, file, line }: FrameText): number {
    if (line > 0) this.hasLines = true;
    if (/[/\\]/.test(file)) this.hasFolders = true;
    const func = this.builder.func(name, file, 0);
    const frame = this.builder.frame({ func, line, endLine: line, column: -1, endColumn: -1 });
    if (isWaitingFunction(name, file)) this.waitingFrames.add(frame);
    return frame;
  }

  private growDepth(): void {
    this.ends = grown(this.ends, this.depth + 1, Int32Array);
    this.nodes = grown(this.nodes, this.depth + 1, Int32Array);
  }
}
