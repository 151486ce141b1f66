/**
 * What lanes did, as fine as a picture can show it. Of a long recording coarser slices are kept, four times as wide
 * from level to level, so that a picture of hours costs no more than one of a second:
 *
 *     samples   |.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|.|
 *     level 0   |...|...|...|...|...|...|        as wide as 16 samples are on average
 *     level 1   |...............|.......|        of level 0
 */
import type { Profile } from '../../shared/profile';
import { firstSampleAfter, laneEnd } from './selection';
import { SliceColumns, type StackLook } from './sliceColumns';
import { finished, type Steps } from './steps';

/** What part of which lane is to be drawn, and how fine. */
export interface SliceQuery {
  readonly lane: number;
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  readonly minWidthNs: number;
}

/** Slices of all lanes, narrower ones than `minWidthNs` put together. */
interface Level {
  readonly minWidthNs: number;
  readonly lanes: readonly SliceColumns[];
}

const samplesPerSlice = 16;
const widening = 4;
/** Shorter recordings are read as they are. */
const leastSamples = 200_000;
/** A level with fewer slices has none above it. */
const leastSlices = 20_000;

/** The slices of a profile's lanes. */
export class TimelineSlices {
  private madeLevels: readonly Level[] | undefined;

  constructor(
    private readonly profile: Profile,
    private readonly look: StackLook,
  ) {}

  /** The slices of a part of a lane. Takes as long as the slices of the level below, however long the part is. */
  of({ lane, rangeStartNs, rangeEndNs, minWidthNs }: SliceQuery): SliceColumns {
    const slices = new SliceColumns(this.profile.frames.func, minWidthNs);
    const level = this.levels.filter(candidate => candidate.minWidthNs <= minWidthNs).at(-1);
    const finer = level?.lanes[lane];
    if (finer === undefined) this.addSamples(slices, { lane, rangeStartNs, rangeEndNs });
    else addSlices(slices, finer, { rangeStartNs, rangeEndNs });
    return slices;
  }

  private addSamples(slices: SliceColumns, part: Omit<SliceQuery, 'minWidthNs'>): void {
    const { profile, look } = this;
    const { endNs, weightNs } = profile.samples;
    const end = laneEnd(profile, part.lane);
    for (let i = firstSampleAfter(profile, part.lane, part.rangeStartNs); i < end; i++) {
      if ((endNs[i] ?? 0) - (weightNs[i] ?? 0) >= part.rangeEndNs) return;
      slices.addSample(profile, i, look);
    }
  }

  /** Works the coarser slices out step by step, lane by lane. */
  *prepare(): Steps<void> {
    this.madeLevels ??= yield* this.makeLevels();
  }

  private get levels(): readonly Level[] {
    this.madeLevels ??= finished(this.makeLevels());
    return this.madeLevels;
  }

  private *makeLevels(): Steps<Level[]> {
    const { lanes, samples, info } = this.profile;
    if (samples.length < leastSamples) return [];
    const levels: Level[] = [];
    let minWidthNs = (info.durationNs * lanes.length * samplesPerSlice) / samples.length;
    for (let count = Number.POSITIVE_INFINITY; count > leastSlices; minWidthNs *= widening) {
      const finer = levels.at(-1);
      const level = { minWidthNs, lanes: [] as SliceColumns[] };
      for (let lane = 0; lane < lanes.length; lane++) {
        level.lanes.push(this.widened(lane, minWidthNs, finer));
        yield;
      }
      const finerCount = count;
      count = level.lanes.reduce((sum, { length }) => sum + length, 0);
      levels.push(level);
      if (count >= finerCount) break;
    }
    return levels;
  }

  private widened(lane: number, minWidthNs: number, finer: Level | undefined): SliceColumns {
    const slices = new SliceColumns(this.profile.frames.func, minWidthNs);
    const whole = { rangeStartNs: Number.NEGATIVE_INFINITY, rangeEndNs: Number.POSITIVE_INFINITY };
    const below = finer?.lanes[lane];
    if (below === undefined) this.addSamples(slices, { lane, ...whole });
    else addSlices(slices, below, whole);
    slices.trim();
    return slices;
  }
}

function addSlices(
  slices: SliceColumns,
  finer: SliceColumns,
  { rangeStartNs, rangeEndNs }: Pick<SliceQuery, 'rangeStartNs' | 'rangeEndNs'>,
): void {
  for (let slice = finer.firstAfter(rangeStartNs); slice < finer.length; slice++) {
    if ((finer.startNs[slice] ?? 0) >= rangeEndNs) return;
    slices.addSlice(finer, slice);
  }
}
