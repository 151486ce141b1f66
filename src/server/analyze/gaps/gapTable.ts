import { gapClassIds, gapConfidences, gapRoles } from '../../../shared/gaps';
import { grown } from '../../columns/growingColumn';
import { inPieces, type Steps } from '../steps';
import type { Gap, Holder } from './gap';

const firstRoom = 64;
const gapsPerStep = 16_384;

/** What only few gaps know. */
export interface GapRarities extends Pick<Gap, 'longestDelayNs' | 'stepCount' | 'handoff' | 'awaited'> {
  /** What is known of the holder beside the stacks. */
  readonly held?: Pick<Holder, 'isKnown' | 'actFrame'>;
}

/** Gaps in columns: a long recording has millions, of which a handful is looked at one by one. */
export class GapTable implements Iterable<Gap> {
  length = 0;
  lane = new Int32Array(firstRoom);
  startNs = new Float64Array(firstRoom);
  endNs = new Float64Array(firstRoom);
  /** Index into `gapClassIds`. */
  gapClass = new Uint8Array(firstRoom);
  /** 1 where an event loop did not poll meanwhile. */
  isLoopBlocked = new Uint8Array(firstRoom);
  /** Index into `gapRoles`. */
  role = new Uint8Array(firstRoom);
  /** Index into `gapConfidences`. */
  confidence = new Uint8Array(firstRoom);
  victimFrame = new Int32Array(firstRoom);
  /** -1 where nobody is known to have held it up. */
  holderLane = new Int32Array(firstRoom);
  holderFrame = new Int32Array(firstRoom);
  holderShare = new Float64Array(firstRoom);
  cpuNs = new Float64Array(firstRoom);
  sampleCount = new Int32Array(firstRoom);
  task = new Int32Array(firstRoom);
  delayedTasks = new Int32Array(firstRoom);
  generation = new Int32Array(firstRoom);
  private readonly rare = new Map<number, GapRarities>();

  /** Gaps of a list. */
  static of(gaps: Iterable<Gap>): GapTable {
    const table = new GapTable();
    for (const gap of gaps) table.add(gap);
    return table;
  }

  /** Appends a gap. */
  add(gap: Gap): void {
    const at = this.length++;
    if (at === this.lane.length) this.grow();
    this.lane[at] = gap.lane;
    this.startNs[at] = gap.startNs;
    this.endNs[at] = gap.endNs;
    this.gapClass[at] = classNumbers.get(gap.gapClass) ?? 0;
    this.isLoopBlocked[at] = gap.isLoopBlocked ? 1 : 0;
    this.role[at] = gapRoles.indexOf(gap.role);
    this.confidence[at] = gapConfidences.indexOf(gap.confidence);
    this.victimFrame[at] = gap.victimFrame;
    this.holderLane[at] = gap.holder === undefined ? -1 : gap.holder.lane;
    this.holderFrame[at] = gap.holder === undefined ? -1 : gap.holder.frame;
    this.holderShare[at] = gap.holder === undefined ? 0 : gap.holder.share;
    this.cpuNs[at] = gap.cpuNs;
    this.sampleCount[at] = gap.sampleCount;
    this.task[at] = gap.task;
    this.delayedTasks[at] = gap.delayedTasks;
    this.generation[at] = gap.generation;
    const { longestDelayNs, stepCount, handoff, awaited, holder } = gap;
    const isPlain = longestDelayNs === undefined && stepCount === undefined && handoff === undefined;
    if (isPlain && awaited === undefined && holder?.isKnown === undefined) return;
    this.rare.set(at, rareOf(gap));
  }

  /** One of the gaps. */
  at(index: number): Gap {
    const { held, ...rare } = this.rare.get(index) ?? {};
    const holderLane = this.holderLane[index] ?? -1;
    const holder = {
      lane: holderLane,
      frame: this.holderFrame[index] ?? -1,
      share: this.holderShare[index] ?? 0,
      ...held,
    };
    return {
      lane: this.lane[index] ?? -1,
      startNs: this.startNs[index] ?? 0,
      endNs: this.endNs[index] ?? 0,
      gapClass: gapClassIds[this.gapClass[index] ?? -1] ?? 'unknown.offcpu',
      isLoopBlocked: this.isLoopBlocked[index] === 1,
      role: gapRoles[this.role[index] ?? -1] ?? 'benign',
      confidence: gapConfidences[this.confidence[index] ?? -1] ?? 'unknown',
      victimFrame: this.victimFrame[index] ?? -1,
      holder: holderLane < 0 ? undefined : holder,
      cpuNs: this.cpuNs[index] ?? Number.NaN,
      sampleCount: this.sampleCount[index] ?? 0,
      task: this.task[index] ?? -1,
      delayedTasks: this.delayedTasks[index] ?? 0,
      generation: this.generation[index] ?? -1,
      ...rare,
    };
  }

  /** What only few of them know: how long others waited, how many steps a round had, and the executor's job. */
  rareAt(index: number): GapRarities | undefined {
    return this.rare.size === 0 ? undefined : this.rare.get(index);
  }

  *[Symbol.iterator](): Generator<Gap, void> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  /** The gaps in the order of these indexes. */
  *picked(order: Int32Array): Steps<GapTable> {
    const table = new GapTable();
    const { length } = order;
    for (const name of columnNames) {
      const column = this[name];
      const target = new (column.constructor as new (length: number) => typeof column)(length);
      yield* inPieces({ from: 0, to: length, most: gapsPerStep }, (from, to) => {
        for (let at = from; at < to; at++) target[at] = column[order[at] ?? 0] ?? 0;
      });
      Object.assign(table, { [name]: target });
    }
    table.length = length;
    if (this.rare.size > 0) {
      for (let at = 0; at < length; at++) {
        const rare = this.rare.get(order[at] ?? -1);
        if (rare !== undefined) table.rare.set(at, rare);
      }
    }
    return table;
  }

  private grow(): void {
    for (const name of columnNames) {
      const column = this[name];
      const make = column.constructor as new (length: number) => typeof column;
      Object.assign(this, { [name]: grown(column, this.length, make) });
    }
  }
}

const classNumbers = new Map(gapClassIds.map((id, index) => [id, index]));

const columnNames = [
  ...([
    'lane',
    'startNs',
    'endNs',
    'gapClass',
    'isLoopBlocked',
    'role',
    'confidence',
    'victimFrame',
  ] as const),
  ...(['holderLane', 'holderFrame', 'holderShare', 'cpuNs', 'sampleCount'] as const),
  ...(['task', 'delayedTasks', 'generation'] as const),
];

function rareOf({ longestDelayNs, stepCount, handoff, awaited, holder }: Gap): GapRarities {
  const held = holder && {
    ...(holder.isKnown === undefined ? {} : { isKnown: holder.isKnown }),
    ...(holder.actFrame === undefined ? {} : { actFrame: holder.actFrame }),
  };
  return {
    ...(awaited === undefined ? {} : { awaited }),
    ...(held === undefined ? {} : { held }),
    ...(longestDelayNs === undefined ? {} : { longestDelayNs }),
    ...(stepCount === undefined ? {} : { stepCount }),
    ...(handoff === undefined ? {} : { handoff }),
  };
}
