import type { TimelineQuery } from '../../../src/shared/api';
import { type Profile, sampleState } from '../../../src/shared/profile';
import { sliceStates, type TimelineView, timelineLaneKinds } from '../../../src/shared/views';
import { functionStrings } from './functionStrings';

/** What a lane did for a while. `func` is the profile's function, -1 none. */
export interface Slice {
  readonly lane: number;
  readonly startNs: number;
  endNs: number;
  readonly state: number;
  readonly func: number;
  readonly line: number;
}

/** Every stretch of the profile's lanes, neighbours of the same kind joined, ordered by lane, then by time. */
export function slicesOf(profile: Profile): Slice[] {
  const slices: Slice[] = [];
  for (const [lane, { firstSample, sampleCount }] of profile.lanes.entries()) {
    for (let sample = firstSample; sample < firstSample + sampleCount; sample++) {
      const endNs = profile.samples.endNs[sample] ?? 0;
      const startNs = endNs - (profile.samples.weightNs[sample] ?? 0);
      const slice = { lane, startNs, endNs, ...placeOf(profile, sample), state: stateOf(profile, sample) };
      const last = slices[slices.length - 1];
      if (last && isContinued(last, slice)) last.endNs = endNs;
      else slices.push(slice);
    }
  }
  return slices;
}

/** The slices of a part of the run; narrow ones are left to their neighbours. */
export function timelineView(profile: Profile, query: TimelineQuery): TimelineView {
  const shown = slicesOf(profile).filter(
    slice =>
      slice.endNs > query.rangeStartNs &&
      slice.startNs < query.rangeEndNs &&
      slice.endNs - slice.startNs >= query.minWidthNs,
  );
  const { strings, indexOf } = functionStrings(
    profile,
    Int32Array.from(shown, slice => slice.func),
  );
  const column = (of: (slice: Slice) => number): number[] => shown.map(of);
  return {
    kind: 'timeline',
    totalNs: profile.info.durationNs,
    rows: rowsOf(profile),
    slices: {
      length: shown.length,
      row: Int32Array.from(column(slice => slice.lane)),
      startNs: Float64Array.from(column(slice => slice.startNs)),
      endNs: Float64Array.from(column(slice => slice.endNs)),
      state: Uint8Array.from(column(slice => slice.state)),
      func: Int32Array.from(column(slice => indexOf(slice.func))),
      line: Int32Array.from(column(slice => slice.line)),
    },
    functions: strings,
    cpuCores: coresOf(profile),
    mostReady: 3,
    counters: {
      startNs: 0,
      endNs: profile.info.durationNs,
      cpuCores: coresOf(profile),
      readyCount: coresOf(profile).map((cores, bin) => (cores > 1 ? 1 + (bin % 3) : 0)),
    },
    gcPauses: {
      startNs: Float64Array.from(profile.gcPauses.startNs),
      durationNs: Float64Array.from(profile.gcPauses.durationNs),
    },
  };
}

/** The same lanes, crowded with `count` slices over the range that is asked for: as many as a server ever sends. */
export function crowdedTimeline(profile: Profile, query: TimelineQuery, count: number): TimelineView {
  const view = timelineView(profile, query);
  const perRow = Math.ceil(count / view.rows.length);
  const length = perRow * view.rows.length;
  const sliceNs = (query.rangeEndNs - query.rangeStartNs) / perRow;
  const column = (of: (at: number) => number): Float64Array =>
    Float64Array.from({ length }, (_, at) => of(at));
  const startNs = column(at => query.rangeStartNs + (at % perRow) * sliceNs);
  return {
    ...view,
    slices: {
      length,
      row: Int32Array.from(column(at => Math.floor(at / perRow))),
      startNs,
      endNs: startNs.map(start => start + sliceNs),
      state: Uint8Array.from(column(at => at % 3)),
      func: Int32Array.from(column(at => at % Math.max(1, view.functions.length))),
      line: new Int32Array(length),
    },
  };
}

function rowsOf(profile: Profile): TimelineView['rows'] {
  const { lanes } = profile;
  const kindOf = (index: number): number => {
    const isLoop = lanes.some(lane => lane.kind === 'task' && lane.parent === index);
    const kind = lanes[index]?.kind === 'task' ? 'task' : isLoop ? 'loop' : 'thread';
    return timelineLaneKinds.indexOf(kind);
  };
  return {
    length: lanes.length,
    lane: Int32Array.from(lanes, (_, index) => index),
    laneKind: Uint8Array.from(lanes, (_, index) => kindOf(index)),
    pid: Int32Array.from(lanes, lane => lane.pid),
    startNs: Float64Array.from(lanes, lane => lane.startNs),
    endNs: Float64Array.from(lanes, lane => lane.endNs),
  };
}

function isContinued(last: Slice, next: Slice): boolean {
  return (
    last.lane === next.lane &&
    last.state === next.state &&
    last.func === next.func &&
    Math.abs(last.endNs - next.startNs) < 1e6
  );
}

/** The innermost own function, else the innermost one. */
function placeOf(profile: Profile, sample: number): { func: number; line: number } {
  const { nodes, frames, functions } = profile;
  const first = profile.samples.node[sample] ?? -1;
  for (let node = first; node >= 0; node = nodes.parent[node] ?? -1) {
    const frame = nodes.frame[node] ?? 0;
    const func = frames.func[frame] ?? -1;
    if (functions.kind[func] === 0) return { func, line: frames.line[frame] ?? 0 };
  }
  const frame = nodes.frame[first] ?? -1;
  return { func: frames.func[frame] ?? -1, line: frames.line[frame] ?? 0 };
}

function stateOf(profile: Profile, sample: number): number {
  const state = profile.samples.state[sample] ?? 0;
  if ((state & (sampleState.waiting | sampleState.suspended)) === 0) return sliceStates.indexOf('running');
  const node = profile.samples.node[sample] ?? -1;
  const func = profile.frames.func[profile.nodes.frame[node] ?? -1] ?? -1;
  const name = profile.strings[profile.functions.name[func] ?? -1] ?? '';
  const isIdle = ['select', 'get'].includes(name) || (state & sampleState.suspended) !== 0;
  return sliceStates.indexOf(isIdle ? 'idle' : 'waiting');
}

const binCount = 300;

function coresOf(profile: Profile): Float32Array {
  const cores = new Float32Array(binCount);
  const binNs = profile.info.durationNs / binCount;
  for (const slice of slicesOf(profile)) {
    if (slice.state !== 0) continue;
    const last = Math.min(binCount - 1, Math.floor(slice.endNs / binNs));
    for (let bin = Math.floor(slice.startNs / binNs); bin <= last; bin++) {
      const coveredNs = Math.min(slice.endNs, (bin + 1) * binNs) - Math.max(slice.startNs, bin * binNs);
      cores[bin] = (cores[bin] ?? 0) + Math.max(0, coveredNs) / binNs;
    }
  }
  return cores;
}
