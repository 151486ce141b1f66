import { type Profile, sampleState } from '../../shared/profile';
import { sliceStates } from '../../shared/views';
import { firstSampleAfter, laneEnd } from './selection';

const running = sliceStates.indexOf('running');
const idle = sliceStates.indexOf('idle');
const waiting = sliceStates.indexOf('waiting');
const mixed = sliceStates.indexOf('mixed');

/** Part of a lane's time in one state, as the timeline draws it. */
export interface Slice {
  readonly startNs: number;
  endNs: number;
  state: number;
  /** Frame of the profile, -1 none. */
  frame: number;
  /** Of a slice that was put together from narrower ones. */
  runningNs: number;
  longestNs: number;
}

/** What part of which lane is to be drawn, and how fine. */
export interface SliceQuery {
  readonly lane: number;
  readonly rangeStartNs: number;
  readonly rangeEndNs: number;
  readonly minWidthNs: number;
  /** The frame that stands for a stack, by its node. */
  readonly frameOf: (node: number) => number;
  /** Nobody is delayed by a wait with this stack. */
  readonly isIdle: (node: number) => boolean;
}

/** The slices of a lane: neighbouring samples at one function in one state, the narrow ones put together. */
export function laneSlices(profile: Profile, query: SliceQuery): Slice[] {
  const { samples } = profile;
  const slices: Slice[] = [];
  const end = laneEnd(profile, query.lane);
  for (let i = firstSampleAfter(profile, query.lane, query.rangeStartNs); i < end; i++) {
    const endNs = samples.endNs[i] ?? 0;
    const startNs = endNs - (samples.weightNs[i] ?? 0);
    if (startNs >= query.rangeEndNs) break;
    const node = samples.node[i] ?? -1;
    if (node < 0) continue;
    const state = stateOf(samples.state[i] ?? 0, node, query);
    addSlice(profile, slices, query, {
      startNs,
      endNs,
      state,
      frame: query.frameOf(node),
      runningNs: state === running ? endNs - startNs : 0,
      longestNs: endNs - startNs,
    });
  }
  return slices;
}

function stateOf(bits: number, node: number, query: SliceQuery): number {
  if ((bits & sampleState.suspended) !== 0) return idle;
  if ((bits & sampleState.waiting) === 0) return running;
  return query.isIdle(node) ? idle : waiting;
}

function addSlice(profile: Profile, slices: Slice[], { minWidthNs }: SliceQuery, next: Slice): void {
  const last = slices.at(-1);
  if (last === undefined || next.startNs > last.endNs + minWidthNs) {
    slices.push(next);
    return;
  }
  const isSame = last.state === next.state && sameFunction(profile, last.frame, next.frame);
  const isNarrow = last.endNs - last.startNs < minWidthNs;
  if (!isSame && !isNarrow) {
    slices.push(next);
    return;
  }
  last.endNs = next.endNs;
  last.runningNs += next.runningNs;
  if (isSame) {
    last.longestNs += next.longestNs;
    return;
  }
  last.state =
    last.runningNs * 2 >= last.endNs - last.startNs ? mixed : next.state === mixed ? idle : next.state;
  if (next.longestNs <= last.longestNs) return;
  last.frame = next.frame;
  last.longestNs = next.longestNs;
}

function sameFunction({ frames }: Profile, a: number, b: number): boolean {
  return a === b || (a >= 0 && b >= 0 && frames.func[a] === frames.func[b]);
}

/** Cores that all threads used, in `count` equal bins over the run; empty when CPU time is unknown. */
export function cpuCores({ info, lanes, samples }: Profile, count: number): Float32Array {
  if (!info.hasCpu || samples.cpuNs.length === 0 || info.durationNs <= 0) return new Float32Array(0);
  const cores = new Float32Array(count);
  const binNs = info.durationNs / count;
  for (const lane of lanes) {
    if (lane.kind !== 'thread') continue;
    for (let i = lane.firstSample; i < lane.firstSample + lane.sampleCount; i++) {
      const cpuNs = samples.cpuNs[i] ?? Number.NaN;
      const weightNs = samples.weightNs[i] ?? 0;
      if (!(cpuNs > 0) || weightNs <= 0) continue;
      const endNs = samples.endNs[i] ?? 0;
      spread(cores, binNs, { startNs: endNs - weightNs, endNs, amount: cpuNs });
    }
  }
  return cores.map(cpuNs => cpuNs / binNs);
}

function spread(
  bins: Float32Array,
  binNs: number,
  { startNs, endNs, amount }: { startNs: number; endNs: number; amount: number },
): void {
  const last = Math.min(bins.length - 1, Math.floor(endNs / binNs));
  for (let bin = Math.max(0, Math.floor(startNs / binNs)); bin <= last; bin++) {
    const insideNs = Math.min(endNs, (bin + 1) * binNs) - Math.max(startNs, bin * binNs);
    bins[bin] = (bins[bin] ?? 0) + (amount * Math.max(0, insideNs)) / (endNs - startNs);
  }
}
