/**
 * What holds of every profile, whatever bytes it was read from (`src/shared/profile.ts`). Views rely on it without
 * looking: an index out of range there would be an exception far from its cause.
 */
import {
  functionKinds,
  type ParseResult,
  type Profile,
  type ProfileInfo,
  sampleState,
  valueUnits,
} from '../../src/shared/profile';

const allStates = Object.values<number>(sampleState).reduce((all, state) => all | state, 0);
const lineMeanings = ['executing', 'definition', 'none'];

/** One sentence per broken promise, the first ones only; empty when the result is sound. */
export function brokenInvariants({ profile, problems }: ParseResult): string[] {
  const check = new Check();
  checkInfo(check, profile.info);
  checkStrings(check, profile);
  checkFunctions(check, profile);
  checkFrames(check, profile);
  checkNodes(check, profile);
  checkLanes(check, profile);
  checkSamples(check, profile);
  checkSampleOrder(check, profile);
  checkGcPauses(check, profile);
  checkCalls(check, profile);
  for (const { message, part, offset } of problems) {
    check.that(typeof message === 'string' && message !== '', 'a problem has no message');
    check.that(
      typeof part === 'string' && Number.isInteger(offset) && offset >= -1,
      'a problem has no place',
    );
  }
  return check.broken;
}

/** Collects what is broken. */
class Check {
  readonly broken: string[] = [];

  that(isSound: boolean, sentence: string): void {
    if (!isSound && this.broken.length < 10 && !this.broken.includes(sentence)) this.broken.push(sentence);
  }

  length(name: string, column: ArrayLike<unknown>, wanted: number): void {
    this.that(column.length === wanted, `${name} is not as long as its table`);
  }

  /** Every value is a whole number from `min` to `max - 1`. */
  indexes(
    name: string,
    column: ArrayLike<number>,
    range: { readonly min: number; readonly end: number },
  ): void {
    for (let i = 0; i < column.length; i++) {
      const value = column[i] as number;
      if (value >= range.min && value < range.end && Number.isInteger(value)) continue;
      this.that(false, `${name} is out of range`);
      return;
    }
  }

  /** Every value is finite and not negative; NaN where it may be unknown. */
  amounts(name: string, column: ArrayLike<number>, mayBeUnknown = false): void {
    for (let i = 0; i < column.length; i++) {
      const value = column[i] as number;
      if ((value >= 0 && value < Number.POSITIVE_INFINITY) || (mayBeUnknown && Number.isNaN(value))) continue;
      this.that(false, `${name} is negative or not finite`);
      return;
    }
  }

  finite(name: string, column: ArrayLike<number>): void {
    for (let i = 0; i < column.length; i++) {
      this.that(Number.isFinite(column[i]), `${name} is not finite`);
    }
  }
}

const endless = Number.POSITIVE_INFINITY;

function checkInfo(check: Check, info: ProfileInfo): void {
  const { durationNs, rateHzAsked, rateHzReached, samplerCpuNs } = info;
  check.amounts('a duration, rate or cost of the profile', [
    durationNs,
    rateHzAsked,
    rateHzReached,
    samplerCpuNs,
  ]);
  check.finite('the start of the profile', [info.startNs, info.startEpochNs]);
  for (const text of [info.format, info.engine, info.engineVersion, info.python, ...info.limits]) {
    check.that(typeof text === 'string', 'a fact of the profile is no text');
  }
  for (const flag of [info.hasTimeAxis, info.hasColumns, info.hasCpu, info.isTraced]) {
    check.that(typeof flag === 'boolean', 'a fact of the profile is neither yes nor no');
  }
  check.that(lineMeanings.includes(info.lineMeaning), 'the meaning of lines is unknown');
  check.that(valueUnits.includes(info.unit), 'the unit is unknown');
  for (const { name, unit } of info.valueTypes) {
    check.that(typeof name === 'string' && valueUnits.includes(unit), 'a value type is unknown');
  }
  check.indexes('the value type', [info.valueType], { min: 0, end: Math.max(1, info.valueTypes.length) });
}

function checkStrings(check: Check, { strings, files }: Profile): void {
  check.that(
    strings.every(text => typeof text === 'string'),
    'a string is no text',
  );
  check.indexes(
    'the file of a source',
    files.map(({ file }) => file),
    { min: 0, end: strings.length },
  );
  check.finite(
    'a fact of a source',
    files.flatMap(({ modifiedNs, sizeBytes }) => [modifiedNs, sizeBytes]),
  );
}

function checkFunctions(check: Check, { functions, strings, callCounts }: Profile): void {
  const { length, name, file, firstLine, kind } = functions;
  for (const column of [name, file, firstLine, kind])
    check.length('a column of the functions', column, length);
  check.indexes('the name of a function', name, { min: 0, end: strings.length });
  check.indexes('the file of a function', file, { min: 0, end: strings.length });
  check.indexes('the first line of a function', firstLine, { min: 0, end: endless });
  check.indexes('the kind of a function', kind, { min: 0, end: functionKinds.length });
  if (callCounts === undefined) return;
  check.length('the call counts', callCounts, length);
  check.amounts('a call count', callCounts, true);
}

function checkFrames(check: Check, { frames, functions }: Profile): void {
  const { length, func, line, endLine, column, endColumn } = frames;
  for (const each of [func, line, endLine, column, endColumn])
    check.length('a column of the frames', each, length);
  check.indexes('the function of a frame', func, { min: 0, end: functions.length });
  for (const each of [line, endLine]) check.indexes('the line of a frame', each, { min: 0, end: endless });
  for (const each of [column, endColumn])
    check.indexes('the column of a frame', each, { min: -1, end: endless });
}

/** The tree is walked as its promise has it: a parent is whatever subtree is still open. */
function checkNodes(check: Check, { nodes, frames }: Profile): void {
  const { length, parent, frame, depth, subtreeEnd } = nodes;
  for (const column of [parent, frame, depth, subtreeEnd])
    check.length('a column of the nodes', column, length);
  check.indexes('the frame of a node', frame, { min: 0, end: frames.length });
  const open: number[] = [];
  const seen = new Set<number>();
  for (let node = 0; node < length; node++) {
    while (open.length > 0 && (subtreeEnd[open.at(-1) ?? 0] ?? 0) <= node) open.pop();
    const above = open.at(-1) ?? -1;
    const end = subtreeEnd[node] ?? 0;
    check.that(parent[node] === above, 'a node does not stand below its parent');
    check.that(depth[node] === open.length, 'the depth of a node is wrong');
    const limit = above < 0 ? length : (subtreeEnd[above] ?? 0);
    check.that(end > node && end <= limit, 'a subtree ends outside its parent');
    const key = (above + 1) * (frames.length + 1) + (frame[node] ?? 0);
    check.that(!seen.has(key), 'a stack stands twice in the tree');
    seen.add(key);
    open.push(node);
  }
}

function checkLanes(check: Check, { lanes, samples }: Profile): void {
  let next = 0;
  lanes.forEach((lane, index) => {
    check.that(lane.kind === 'thread' || lane.kind === 'task', 'the kind of a lane is unknown');
    check.that(typeof lane.name === 'string' && typeof lane.isMain === 'boolean', 'a lane has no name');
    check.indexes('the parent of a lane', [lane.parent], { min: -1, end: lanes.length });
    check.that(lane.parent !== index, 'a lane is its own parent');
    check.finite('the identity of a lane', [lane.pid, lane.tid]);
    check.finite('the life of a lane', [lane.startNs, lane.endNs]);
    check.that(lane.endNs >= lane.startNs, 'a lane ends before it starts');
    check.that(lane.firstSample === next && lane.sampleCount >= 0, 'the samples of lanes do not join');
    next = lane.firstSample + lane.sampleCount;
  });
  check.that(next === samples.length, 'the samples of all lanes are not all samples');
}

function checkSamples(check: Check, { samples, nodes, lanes }: Profile): void {
  const { length, endNs, weightNs, node, cpuNs, state, task, count } = samples;
  for (const column of [endNs, weightNs, node, state])
    check.length('a column of the samples', column, length);
  for (const column of [cpuNs, task, count]) {
    check.length('an optional column of the samples', column, column.length === 0 ? 0 : length);
  }
  check.finite('the time of a sample', endNs);
  check.amounts('the weight of a sample', weightNs);
  check.amounts('the CPU time of a sample', cpuNs, true);
  check.amounts('the count of a sample', count);
  check.indexes('the node of a sample', node, { min: -1, end: nodes.length });
  check.indexes('the state of a sample', state, { min: 0, end: allStates + 1 });
  check.indexes('the task of a sample', task, { min: -1, end: lanes.length });
}

function checkSampleOrder(check: Check, { lanes, samples }: Profile): void {
  for (const { firstSample, sampleCount } of lanes) {
    const end = Math.min(firstSample + sampleCount, samples.length);
    for (let i = firstSample + 1; i < end; i++) {
      const isOrdered = (samples.endNs[i] ?? 0) >= (samples.endNs[i - 1] ?? 0);
      check.that(isOrdered, 'the samples of a lane are not in the order of time');
    }
  }
}

function checkGcPauses(check: Check, { gcPauses, lanes }: Profile): void {
  const { length, startNs, durationNs, generation, lane } = gcPauses;
  for (const column of [startNs, durationNs, generation, lane]) {
    check.length('a column of the collections', column, length);
  }
  check.finite('the start of a collection', startNs);
  check.amounts('the duration of a collection', durationNs);
  check.indexes('the lane of a collection', lane, { min: -1, end: lanes.length });
}

function checkCalls(check: Check, { calls, functions }: Profile): void {
  if (calls === undefined) return;
  for (const column of [calls.callCount, calls.primitiveCallCount, calls.selfNs, calls.totalNs]) {
    check.length('a column of the calls', column, functions.length);
    check.amounts('a number of the calls', column);
  }
  const { length, caller, callee, callCount, selfNs, totalNs } = calls.edges;
  for (const column of [caller, callee, callCount, selfNs, totalNs]) {
    check.length('a column of the edges', column, length);
  }
  for (const column of [callCount, selfNs, totalNs]) check.amounts('a number of an edge', column);
  for (const column of [caller, callee]) {
    check.indexes('a function of an edge', column, { min: 0, end: functions.length });
  }
}
