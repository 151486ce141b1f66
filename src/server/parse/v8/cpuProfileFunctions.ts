import { GrowingInt32 } from '../../columns/growingColumn';
import type { ByteStrings } from '../bytes/byteStrings';
import { PairIndex } from '../model/pairIndex';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { CallFrames } from './cpuProfileNodes';

const unknown = -2;

/** Numbers pairs of numbers as they come. */
class PairTable {
  private readonly firsts = new GrowingInt32();
  private readonly seconds = new GrowingInt32();
  private readonly index = new PairIndex(
    at => this.firsts.at(at),
    at => this.seconds.at(at),
  );

  /** The pair's number. */
  of(first: number, second: number): number {
    const known = this.index.find(first, second);
    if (known >= 0) return known;
    const added = this.firsts.push(first);
    this.seconds.push(second);
    this.index.add(first, second, added);
    return added;
  }
}

/** The builder's functions and frames of V8's nodes. A few thousand functions make up a tree of any size. */
export class CpuProfileFunctions {
  private readonly named = new PairTable();
  private readonly placed = new PairTable();
  private readonly funcs = new GrowingInt32();
  private readonly byFrame = new GrowingInt32();
  private readonly lines = new PairTable();
  private readonly frames = new GrowingInt32();
  /** By call frame: its frame without a line. */
  private readonly plainFrames = new GrowingInt32();

  constructor(
    private readonly callFrames: CallFrames,
    private readonly strings: ByteStrings,
    private readonly builder: ProfileBuilder,
  ) {}

  /** The builder's function of a call frame, -1 for what is none: the root of the tree, and idleness. */
  of(callFrame: number): number {
    const known = callFrame < 0 ? unknown : this.byFrame.at(callFrame, unknown);
    if (known !== unknown) return known;
    const func = this.ofPlace(callFrame);
    if (callFrame >= 0) this.byFrame.set(callFrame, func, unknown);
    return func;
  }

  private ofPlace(callFrame: number): number {
    const name = this.callFrames.name.at(callFrame);
    const url = this.callFrames.url.at(callFrame);
    const firstLine = this.callFrames.firstLine.at(callFrame, 0);
    const place = this.placed.of(this.named.of(name, url), firstLine);
    const known = this.funcs.at(place, unknown);
    if (known !== unknown) return known;
    const added = this.add(this.text(name), this.text(url), firstLine);
    this.funcs.set(place, added, unknown);
    return added;
  }

  /** The builder's frame of a line of a call frame's function, 0 unknown; -1 for what is no function. */
  frameOf(callFrame: number, line: number): number {
    const isPlain = line === 0 && callFrame >= 0;
    const known = isPlain ? this.plainFrames.at(callFrame, unknown) : unknown;
    if (known !== unknown) return known;
    const func = this.of(callFrame);
    const frame = func < 0 ? -1 : this.frame(func, line);
    if (isPlain) this.plainFrames.set(callFrame, frame, unknown);
    return frame;
  }

  private frame(func: number, line: number): number {
    const place = this.lines.of(func, line);
    const known = this.frames.at(place, unknown);
    if (known !== unknown) return known;
    const added = this.builder.frame({ func, line, endLine: line, column: -1, endColumn: -1 });
    this.frames.set(place, added, unknown);
    return added;
  }

  private add(name: string, url: string, firstLine: number): number {
    const isNone = url === '' && (name === '(root)' || name === '(idle)');
    return isNone ? -1 : this.builder.func(name || '(anonymous)', pathOf(url), firstLine);
  }

  private text(id: number): string {
    return id < 0 ? '' : this.strings.text(id);
  }
}

/** Modules are known by URL, older scripts by path; what is no file keeps its URL. */
function pathOf(url: string): string {
  if (!url.startsWith('file:///')) return url;
  const path = url.slice(7);
  const plain = /^\/[a-z]:/i.test(path) ? path.slice(1) : path;
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
