import type { RunSummary } from '../../../../src/shared/api';
import { gapFamilies, gapRoles } from '../../../../src/shared/gaps';
import {
  type GapGroup,
  type GapsView,
  sliceStates,
  type TimelineView,
  timelineLaneKinds,
} from '../../../../src/shared/views';

/** `[row, start, end, state]`, ordered by row, then by start. All slices are in the function `work`. */
export type DrawnSlice = readonly [
  row: number,
  startNs: number,
  endNs: number,
  state: (typeof sliceStates)[number],
];

/** A timeline whose row `r` shows lane `r`. */
export function timelineOf(
  kinds: readonly (typeof timelineLaneKinds)[number][],
  slices: readonly DrawnSlice[],
): TimelineView {
  const ends = slices.map(slice => slice[2]);
  return {
    kind: 'timeline',
    totalNs: Math.max(...ends, 1),
    rows: {
      length: kinds.length,
      lane: Int32Array.from(kinds, (_, row) => row),
      laneKind: Uint8Array.from(kinds, kind => timelineLaneKinds.indexOf(kind)),
      pid: new Int32Array(kinds.length),
      startNs: new Float64Array(kinds.length),
      endNs: new Float64Array(kinds.length),
    },
    slices: {
      length: slices.length,
      row: Int32Array.from(slices, slice => slice[0]),
      startNs: Float64Array.from(slices, slice => slice[1]),
      endNs: Float64Array.from(slices, slice => slice[2]),
      state: Uint8Array.from(slices, slice => sliceStates.indexOf(slice[3])),
      func: new Int32Array(slices.length),
      line: new Int32Array(slices.length).fill(7),
    },
    functions: {
      length: 1,
      id: Int32Array.of(10),
      file: Int32Array.of(3),
      firstLine: Int32Array.of(5),
      kind: Uint8Array.of(0),
      names: ['work'],
      files: ['/src/work.py'],
      places: ['work.py:5'],
    },
    cpuCores: new Float32Array(),
    mostReady: 0,
    counters: { startNs: 0, endNs: 0, cpuCores: new Float32Array(), readyCount: new Float32Array() },
    gcPauses: { startNs: new Float64Array(), durationNs: new Float64Array() },
  };
}

/** `[lane, start, end, group]`, ordered by start; group -1 is not listed. */
export type DrawnGap = readonly [lane: number, startNs: number, endNs: number, group: number];

/** Gaps with as many groups as they mention, named «gap 0», «gap 1» …; each is blamed on its own line of file 3. */
export function gapsOf(gaps: readonly DrawnGap[], holderLane = -1): GapsView {
  const groupCount = Math.max(-1, ...gaps.map(gap => gap[3])) + 1;
  return {
    kind: 'gaps',
    gaps: {
      length: gaps.length,
      group: Int32Array.from(gaps, gap => gap[3]),
      lane: Int32Array.from(gaps, gap => gap[0]),
      startNs: Float64Array.from(gaps, gap => gap[1]),
      endNs: Float64Array.from(gaps, gap => gap[2]),
      family: Uint8Array.from(gaps, () => gapFamilies.indexOf('timer')),
      role: Uint8Array.from(gaps, () => gapRoles.indexOf('culprit')),
      holderLane: Int32Array.from(gaps, () => holderLane),
    },
    groups: Array.from({ length: groupCount }, (_, group) => groupNamed(`gap ${group}`, group + 1)),
    explainedShare: 1,
    note: '',
  };
}

/** A group blamed on a line of file 3. */
export function groupNamed(title: string, line: number): GapGroup {
  return {
    family: 'timer',
    classId: 'timer.sleep',
    role: 'culprit',
    confidence: 'strong',
    count: 14,
    totalNs: 868e6,
    longestNs: 64e6,
    medianNs: 62e6,
    delayNs: 868e6,
    title,
    sentence: 'time.sleep() stopped the loop.',
    fix: 'Use asyncio.sleep().',
    evidence: ['CPU 0.1 of 62 ms', 'clock_nanosleep'],
    victim: { file: 3, line, place: `agent.py:${line}`, name: 'speak', text: '  time.sleep(0.06)' },
    holder: null,
    holderLane: '',
    laneNames: ['MainThread'],
    system: null,
  };
}

/** A run with a lane for each kind; tasks belong to lane 0. Lane `n` has `n` samples. */
export function summaryOf(
  kinds: readonly ('thread' | 'task')[],
  changes: Readonly<Record<number, { readonly pid?: number; readonly isMain?: boolean }>> = {},
): RunSummary {
  const lanes = kinds.map((kind, index) => ({
    index,
    kind,
    parent: kind === 'task' ? 0 : -1,
    pid: 1,
    tid: index,
    name: `lane ${index}`,
    isMain: index === 0,
    startNs: 0,
    endNs: 1000,
    sampleCount: index,
    cpuNs: null,
    ...changes[index],
  }));
  const facts = { runId: 'r', durationNs: 1000, hasTimeAxis: true, hasStacks: true, unit: 'nanoseconds' };
  return { ...facts, lanes } as unknown as RunSummary;
}
