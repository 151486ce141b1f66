/**
 * The profiles of a speedscope file as lanes of one profile: grouped by what they measure, and on a common clock only
 * where the file has one. Samples come with weights but without moments, so laying them end to end would invent a
 * timeline; events have moments, but each profile of a file may begin at its own zero.
 */
import type { ValueType, ValueUnit } from '../../../shared/profile';
import type { GrowingFloat64, GrowingInt32 } from '../../columns/growingColumn';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { Exporter } from './speedscopeFrames';

/** Units of the format in ours: what is counted, and how many of ours one of theirs is. */
const units = new Map<string, { unit: ValueUnit; scale: number }>(
  Object.entries({
    seconds: { unit: 'nanoseconds', scale: 1e9 },
    milliseconds: { unit: 'nanoseconds', scale: 1e6 },
    microseconds: { unit: 'nanoseconds', scale: 1e3 },
    nanoseconds: { unit: 'nanoseconds', scale: 1 },
    bytes: { unit: 'bytes', scale: 1 },
  } as const),
);
const counted = { unit: 'count' as const, scale: 1 };
const unitNames: Readonly<Record<ValueUnit, string>> = {
  nanoseconds: 'time',
  bytes: 'bytes',
  count: 'samples',
};

/** The rows of a profile, in the file's unit. */
export interface SpeedscopeRows {
  readonly name: string;
  readonly unit: string;
  readonly startValue: number;
  /** NaN unknown. */
  readonly endValue: number;
  readonly isEvented: boolean;
  readonly length: number;
  /** Leaf nodes of the samples; of evented profiles the stretches between events. */
  readonly nodes: GrowingInt32;
  /** There may be fewer than rows. */
  readonly weights: GrowingFloat64;
  /** Ends of the stretches of evented profiles. */
  readonly ends: GrowingFloat64;
  /** `sampleState` of the rows that have one: row, then state. */
  readonly states: GrowingInt32;
}

interface Group {
  readonly unit: ValueUnit;
  readonly names: string[];
}

/** Which process and thread a profile's name tells: py-spy's `Process 7 Thread 8 "name"`. */
export interface LaneName {
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
}

const threadName = /^(?:Process (\d+) )?Thread (\d+)(?: "(.*)")?$/s;

/** Reads a profile's name; one that says no thread is the name. */
export function laneName(text: string): LaneName {
  const match = threadName.exec(text);
  if (match === null) return { pid: 0, tid: 0, name: text };
  return { pid: Number(match[1] ?? 0), tid: Number(match[2] ?? 0), name: match[3] ?? '' };
}

/** Puts profiles into the builder, those of one unit. Times there are absolute until `finish`. */
export class SpeedscopeLanes {
  /** Samples that have no weight in the file, and count as one each or were left out. */
  weightlessCount = 0;
  /** The weight of every sample in our unit, NaN when they differ. */
  uniformWeight = Number.NaN;
  private readonly groups: Group[] = [];
  private readonly startValues: number[] = [];
  private readonly endValues: number[] = [];
  private hasMoments = true;
  private hasOwnClock = false;
  private isFirst = true;

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly chosen: number,
  ) {}

  /** These lanes as they are, going on in a fork of the builder. */
  fork(builder: ProfileBuilder): SpeedscopeLanes {
    const fork = new SpeedscopeLanes(builder, this.chosen);
    Object.assign(fork, this, {
      builder,
      groups: this.groups.map(({ unit, names }) => ({ unit, names: [...names] })),
      startValues: [...this.startValues],
      endValues: [...this.endValues],
    });
    return fork;
  }

  /** Adds a profile, whole or as far as it was read. */
  add(profile: SpeedscopeRows, exporter: Exporter): void {
    const missing = profile.length - profile.weights.length;
    const spare = missing > 0 ? this.spareWeight(profile) : 0;
    // Nothing says what the samples weigh: they are counted.
    const isCounted = missing > 0 && profile.weights.length === 0 && Number.isNaN(spare);
    const { unit, scale } = isCounted ? counted : (units.get(profile.unit) ?? counted);
    if (this.groupIndex(unit, profile.name) !== this.chosen) return;
    const filler = isCounted ? 1 : spare / scale;
    if (missing > 0 && (isCounted || Number.isNaN(spare))) this.weightlessCount += missing;
    const isAligned = exporter.name === 'pyrolens';
    this.hasMoments &&= profile.isEvented || isAligned;
    this.hasOwnClock ||= isAligned;
    this.startValues.push(profile.startValue * scale);
    this.endValues.push(this.addRows(profile, { lane: this.addLane(profile, exporter), scale, filler }));
  }

  /** The measurements in the file; one alone needs no choice. */
  get valueTypes(): ValueType[] {
    if (this.groups.length < 2) return [];
    return this.groups.map(({ unit, names: [name = '', ...others] }) => ({
      name: others.length === 0 && name !== '' ? name : unitNames[unit],
      unit,
    }));
  }

  /** What the chosen profiles measure. */
  get unit(): ValueUnit {
    return this.groups[this.chosen]?.unit ?? 'count';
  }

  get laneCount(): number {
    return this.startValues.length;
  }

  /** Whether every sample has its moment on one clock. */
  get hasTimeAxis(): boolean {
    if (!this.hasMoments || this.unit !== 'nanoseconds' || this.laneCount === 0) return false;
    return this.laneCount === 1 || this.hasOwnClock || this.startValues.some(value => value !== 0);
  }

  /** Whether there are moments, but several lanes that each begin at zero. */
  get lacksCommonClock(): boolean {
    return this.hasMoments && this.unit === 'nanoseconds' && this.laneCount > 1 && !this.hasTimeAxis;
  }

  /** Start and end on the file's clock; without a time axis the weights are laid one behind the other. */
  finish(): { startNs: number; endNs: number } {
    if (this.hasTimeAxis) {
      return { startNs: this.startValues.reduce(least), endNs: this.endValues.reduce(most) };
    }
    const { endNs, weightNs, length } = this.builder.samples;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      sum += weightNs[i] ?? 0;
      endNs[i] = sum;
    }
    return { startNs: 0, endNs: sum };
  }

  private groupIndex(unit: ValueUnit, name: string): number {
    const index = this.groups.findIndex(group => group.unit === unit);
    if (index < 0) return this.groups.push({ unit, names: [name] }) - 1;
    this.groups[index]?.names.push(name);
    return index;
  }

  private addLane(profile: SpeedscopeRows, exporter: Exporter): number {
    // pyinstrument calls its profile after the program.
    const { pid, tid, name } = laneName(exporter.name === 'pyinstrument' ? '' : profile.name);
    const isMain = name === 'MainThread' || (pid > 0 && pid === tid);
    return this.builder.lane({ kind: 'thread', parent: -1, pid, tid, name, isMain });
  }

  /** Adds the samples and returns where they end, in our unit. */
  private addRows(
    profile: SpeedscopeRows,
    { lane, scale, filler }: { lane: number; scale: number; filler: number },
  ): number {
    const { length, ends, states } = profile;
    const [nodes, weights] = [profile.nodes.view(), profile.weights.view()];
    const { samples } = this.builder;
    // Large profiles get what they need and no more; many small ones would copy all that came before each time.
    if (length * 4 > samples.length) samples.reserve(samples.length + length);
    let end = profile.startValue * scale;
    let nextState = 0;
    for (let row = 0; row < length; row++) {
      const weight = (row < weights.length ? (weights[row] as number) : filler) * scale;
      const state = states.at(nextState) === row ? states.at(nextState + 1) : 0;
      if (state > 0) nextState += 2;
      end = profile.isEvented ? ends.at(row, end) * scale : end + Math.max(weight, 0);
      const node = nodes[row] ?? -1;
      if (!(weight > 0) || (this.hasOwnClock && node < 0)) continue;
      const index = samples.add(lane, node, end, weight);
      if (state > 0 && this.unit === 'nanoseconds') samples.setState(index, state);
      if (this.isFirst) this.uniformWeight = weight;
      else if (weight !== this.uniformWeight) this.uniformWeight = Number.NaN;
      this.isFirst = false;
    }
    return Math.max(end, finiteOr(profile.endValue * scale, end));
  }

  /** What a sample weighs whose weight was cut off: where all others weigh the same, it did too. */
  private spareWeight(profile: SpeedscopeRows): number {
    if (profile.weights.length === 0) return this.uniformWeight;
    return uniform(profile.weights) * (units.get(profile.unit) ?? counted).scale;
  }
}

function uniform(column: GrowingFloat64): number {
  const first = column.at(0, Number.NaN);
  for (let i = 1; i < column.length; i++) if (column.at(i, 0) !== first) return Number.NaN;
  return first;
}

function least(a: number, b: number): number {
  return Math.min(a, b);
}

function most(a: number, b: number): number {
  return Math.max(a, b);
}

function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
