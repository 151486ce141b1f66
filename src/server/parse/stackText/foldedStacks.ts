/**
 * Stacks written as text, root first, frames parted by `;`. A stack is looked up by bytes: what it has in common with
 * the stack before it in the same thread is taken over, and the rest is interned without making strings.
 *
 *     before   main;load;parse
 *     now      main;load;read
 *              ~~~~~~~~~~ taken over
 */
import { maxDepth } from '../../../shared/depthFirst';
import { firstRoom, GrowingInt32, grown } from '../../columns/growingColumn';
import { isWaitingFunction } from '../../waits/libraryWaits';
import { ByteStrings } from '../bytes/byteStrings';
import { commonLength, copyBytes, wordsOf } from '../bytes/byteWords';
import type { ProfileBuilder } from '../model/profileBuilder';
import { bareFrame, type FrameReader, type FrameText } from './frameShapes';
import { LineSiblings } from './lineSiblings';

const semicolon = 0x3b;
/** A path with more semicolons than this is split, and after so many vain attempts none is joined any more. */
const maxJoinedPieces = 8;
const maxVainJoins = 1000;
const notWhole = -1;

/** The stack that a thread had last: its text, where each frame ends in it, and the node up to there. */
export class LastStack {
  private text: Uint8Array = new Uint8Array(firstRoom);
  private words = wordsOf(this.text);
  private length = 0;
  ends = new Int32Array(firstRoom);
  nodes = new Int32Array(firstRoom);
  depth = 0;

  /** Remembers the bytes `start … end - 1` and returns how many of the first are those of the stack before. */
  change(bytes: DataView, start: number, end: number): number {
    const length = end - start;
    if (length > this.text.length) {
      this.text = grown(this.text, length, Uint8Array);
      this.words = wordsOf(this.text);
    }
    const most = Math.min(length, this.length);
    const common = commonLength(this.words, 0, { b: bytes, bStart: start, most });
    copyBytes(this.words, common, { from: bytes, start: start + common, end });
    this.length = length;
    return common;
  }

  /** Drops the frames that do not end, with their semicolon, in the first `common` bytes. Returns how many stay. */
  keep(common: number): number {
    let kept = this.depth;
    while (kept > 0 && (this.ends[kept - 1] as number) >= common) kept--;
    this.depth = kept;
    return kept;
  }

  push(end: number, node: number): void {
    if (this.depth === this.ends.length) {
      this.ends = grown(this.ends, this.depth + 1, Int32Array);
      this.nodes = grown(this.nodes, this.depth + 1, Int32Array);
    }
    this.ends[this.depth] = end;
    this.nodes[this.depth++] = node;
  }
}

export class FoldedStacks {
  /** True once a frame with a line was met. */
  hasLines = false;
  /** True once a frame's file had a folder. */
  hasFolders = false;
  private readonly pieces = new ByteStrings();
  private readonly frameOfPiece = new GrowingInt32();
  private bytes: Uint8Array = new Uint8Array(0);
  private words = wordsOf(this.bytes);
  private vainJoins = 0;
  private leaf = notWhole;
  private readonly siblings = new LineSiblings();
  private readonly waitingFuncs = new Set<number>();
  private readonly waitingFrames = new Set<number>();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly read: FrameReader,
  ) {}

  /** The node of the stack `bytes[start … end - 1]`, which becomes the thread's last; -1 when it has no frames. */
  node(last: LastStack, bytes: Uint8Array, { start, end }: { start: number; end: number }): number {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.words = wordsOf(bytes);
    }
    this.leaf = notWhole;
    const kept = last.keep(last.change(this.words, start, end));
    let node = kept === 0 ? -1 : (last.nodes[kept - 1] as number);
    let at = kept === 0 ? start : start + (last.ends[kept - 1] as number) + 1;
    while (at < end && last.depth <= maxDepth) {
      let stop = at;
      while (stop < end && bytes[stop] !== semicolon) stop++;
      if (stop > at) {
        let frame = this.frameAt(at, stop);
        if (frame === notWhole) {
          stop = this.joinedEnd(at, stop, end);
          frame = this.frameAt(at, stop);
        }
        node = this.builder.node(node, frame);
        this.leaf = frame;
      }
      last.push(stop - start, node);
      at = stop + 1;
    }
    return node;
  }

  /** True when the stack that was asked for last has a known waiting function on top. */
  get isWaiting(): boolean {
    return this.waitingFrames.has(this.leaf);
  }

  /** The frame that the bytes spell, `notWhole` when they are only a part of one. */
  private frameAt(start: number, end: number): number {
    const piece = this.pieces.intern(this.bytes, start, end);
    if (piece < this.frameOfPiece.length) return this.frameOfPiece.at(piece);
    const func = this.siblings.find(this.bytes, start, end);
    const frame = func >= 0 ? this.frameOf(func, this.siblings.line) : this.readFrame(piece);
    this.frameOfPiece.push(frame);
    return frame;
  }

  private readFrame(piece: number): number {
    const text = this.read(this.pieces.text(piece));
    return text === undefined ? notWhole : this.addFrame(text);
  }

  /** Where a frame ends that has semicolons in it. When no end makes it whole, its first piece is made a name. */
  private joinedEnd(start: number, firstEnd: number, end: number): number {
    let stop = firstEnd;
    for (let pieces = 1; pieces < maxJoinedPieces && stop < end; pieces++) {
      if (this.vainJoins >= maxVainJoins) break;
      stop++;
      while (stop < end && this.bytes[stop] !== semicolon) stop++;
      if (this.frameAt(start, stop) !== notWhole) return stop;
    }
    this.vainJoins++;
    const piece = this.pieces.intern(this.bytes, start, firstEnd);
    this.frameOfPiece.set(piece, this.addFrame(bareFrame(this.pieces.text(piece))), notWhole);
    return firstEnd;
  }

  private addFrame({ name, file, line }: FrameText): number {
    if (line > 0) this.hasLines = true;
    if (/[/\\]/.test(file)) this.hasFolders = true;
    const func = this.builder.func(name, file, 0);
    if (isWaitingFunction(name, file)) this.waitingFuncs.add(func);
    this.siblings.learn(func, line);
    return this.frameOf(func, line);
  }

  private frameOf(func: number, line: number): number {
    const frame = this.builder.frame({ func, line, endLine: line, column: -1, endColumn: -1 });
    if (this.waitingFuncs.has(func)) this.waitingFrames.add(frame);
    return frame;
  }
}
