import { sampleState } from '../../../shared/profile';
import { DamagedBytes } from '../bytes/byteReader';
import type { ByteStream } from '../bytes/byteStream';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { TachyonLayout } from './tachyonLayout';
import type { TachyonTables } from './tachyonTables';

/** `profiling.sampling`'s modes as they are numbered in its files. */
export const samplingModes = { wall: 0, cpu: 1, gil: 2, all: 3, exception: 4 } as const;

const status = { hasGil: 1, onCpu: 2, unknown: 4, waitsForGil: 8, main: 32 } as const;
const encoding = { repeat: 0, full: 1, suffix: 2, popPush: 3 } as const;

/** A thread's life never has deeper stacks: a larger number is damage. */
const maxStackDepth = 1 << 20;

/**
 * Between two samples of a thread the sampler may come late: so many intervals still belong to the later one. After
 * more, and in modes that skip a thread, the time before the last interval is not recorded.
 */
const maxLateIntervals = { always: 50, skipping: 1.5 } as const;

interface Thread {
  readonly lane: number;
  lastNs: number;
  isSampled: boolean;
  /** Nodes of the present stack, root first. */
  readonly nodes: number[];
  waits: boolean;
}

/** Reads sample records into the builder. */
export class TachyonSamples {
  endNs = 0;
  /** Some sample says whether its thread was on the CPU. */
  knowsCpu = false;
  private readonly threads = new Map<string, Thread>();
  private readonly longestNs: number;
  private readonly intervalNs: number;

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly tables: TachyonTables,
    private readonly layout: TachyonLayout,
    /** 0: unknown. */
    private readonly pid: number,
  ) {
    const isSkipping = layout.mode > samplingModes.wall && layout.mode !== samplingModes.all;
    this.intervalNs = Math.max(layout.intervalNs, 1000);
    this.longestNs = this.intervalNs * maxLateIntervals[isSkipping ? 'skipping' : 'always'];
  }

  /** Reads up to `count` records; false at the end. Throws `DamagedBytes` when they break off. */
  readRecords(stream: ByteStream, count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (stream.isAtEnd()) return false;
      this.readRecord(stream);
    }
    return true;
  }

  private readRecord(stream: ByteStream): void {
    const [first, second] = [this.u32(stream), this.u32(stream)];
    const [high, low] = this.layout.isLittleEndian ? [second, first] : [first, second];
    const id = high * 2 ** 32 + low;
    const key = `${high},${low},${this.u32(stream)}`;
    const kind = stream.u8();
    if (kind === encoding.repeat) this.readRepeats(stream, key, id);
    else this.readChange(stream, { key, id, kind });
  }

  private readRepeats(stream: ByteStream, key: string, id: number): void {
    const count = stream.varint();
    for (let i = 0; i < count; i++) {
      const deltaNs = stream.varint() * 1000;
      const flags = stream.u8();
      this.add(this.threadOf(key, id, flags), deltaNs, flags);
    }
  }

  private readChange(stream: ByteStream, { key, id, kind }: { key: string; id: number; kind: number }): void {
    const deltaNs = stream.varint() * 1000;
    const flags = stream.u8();
    const thread = this.threadOf(key, id, flags);
    let kept = 0;
    if (kind === encoding.suffix) kept = stream.varint();
    else if (kind === encoding.popPush) kept = thread.nodes.length - stream.varint();
    else if (kind !== encoding.full) throw new DamagedBytes('an encoding is unknown');
    if (kept < 0 || kept > thread.nodes.length) throw new DamagedBytes('a stack shares what was not there');
    this.readFrames(stream, thread, kept);
    this.add(thread, deltaNs, flags);
  }

  /** Stacks are written leaf first: the new frames lie on top of those that were kept from the root. */
  private readFrames(stream: ByteStream, thread: Thread, kept: number): void {
    const count = stream.varint();
    if (kept + count > maxStackDepth) throw new DamagedBytes('a stack is too deep');
    const added: number[] = [];
    for (let i = 0; i < count; i++) added.push(stream.varint());
    const { nodes } = thread;
    nodes.length = kept;
    let node = nodes[kept - 1] ?? -1;
    for (let i = count - 1; i >= 0; i--) {
      const frame = this.tables.frames[added[i] ?? 0] ?? this.tables.lostFrame();
      node = this.builder.node(node, frame);
      nodes.push(node);
    }
    if (count > 0) thread.waits = this.tables.waits[added[0] ?? 0] ?? false;
    else if (kept === 0) thread.waits = false;
  }

  private add(thread: Thread, deltaNs: number, flags: number): void {
    thread.lastNs += deltaNs;
    this.endNs = Math.max(this.endNs, thread.lastNs);
    const isLate = deltaNs > this.longestNs || !thread.isSampled;
    const weightNs = isLate ? Math.min(deltaNs, this.intervalNs) : deltaNs;
    thread.isSampled = true;
    if (weightNs <= 0) return;
    const leaf = thread.nodes.at(-1) ?? -1;
    const index = this.builder.samples.add(thread.lane, leaf, thread.lastNs, weightNs);
    const isCpuKnown = (flags & status.unknown) === 0;
    const isOnCpu = (flags & status.onCpu) !== 0;
    if (isCpuKnown) {
      this.knowsCpu = true;
      this.builder.samples.setCpu(index, isOnCpu ? weightNs : 0);
      if (!isOnCpu) this.builder.samples.setState(index, sampleState.waiting);
    } else if (thread.waits && (flags & status.hasGil) === 0) {
      this.builder.samples.setState(index, sampleState.waiting | sampleState.guessed);
    }
  }

  private threadOf(key: string, id: number, flags: number): Thread {
    const known = this.threads.get(key);
    if (known !== undefined) return known;
    const lane = this.builder.lane({
      kind: 'thread',
      parent: -1,
      pid: this.pid,
      tid: Number.isSafeInteger(id) ? id : 0,
      name: '',
      isMain: (flags & status.main) !== 0,
    });
    const thread = { lane, lastNs: this.layout.startNs, isSampled: false, nodes: [], waits: false };
    this.threads.set(key, thread);
    return thread;
  }

  private u32(stream: ByteStream): number {
    const [a, b, c, d] = [stream.u8(), stream.u8(), stream.u8(), stream.u8()];
    return this.layout.isLittleEndian
      ? a + b * 0x100 + c * 0x10000 + d * 0x1000000
      : d + c * 0x100 + b * 0x10000 + a * 0x1000000;
  }
}
