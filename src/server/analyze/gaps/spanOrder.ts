import { inPieces, type Steps } from '../steps';

/** Stretches of time in columns, those of each lane one behind the other. */
interface Spans {
  readonly length: number;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
}

const spansPerStep = 16_384;

/**
 * Indexes of spans in the order of their starts, of two that start together the longer one first, and of two that
 * also end together the one of the earlier lane. Each lane's are in order
 * already, so runs are merged instead of sorting: two by two, each time half as many are left. The times move along with
 * the indexes, so that memory is read from one end to the other.
 */
export function* spanOrder(spans: Spans): Steps<Int32Array> {
  let from = keysOf(spans);
  let bounds = yield* runBounds(from);
  let to = bounds.length > 2 ? emptyKeys(spans.length) : from;
  while (bounds.length > 2) {
    const merged = [0];
    for (let run = 0; run + 1 < bounds.length; run += 2) {
      const [first, middle] = [bounds[run] ?? 0, bounds[run + 1] ?? 0];
      const end = bounds[run + 2] ?? middle;
      yield* merge(from, to, { first, middle, end });
      merged.push(end);
    }
    [from, to] = [to, from];
    bounds = merged;
  }
  return from.index;
}

/** True when an order leaves everything where it is. */
export function isInOrder(order: Int32Array): boolean {
  return order.every((index, at) => index === at);
}

interface Keys {
  readonly index: Int32Array;
  readonly lane: Int32Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
}

function emptyKeys(length: number): Keys {
  return {
    index: new Int32Array(length),
    lane: new Int32Array(length),
    startNs: new Float64Array(length),
    endNs: new Float64Array(length),
  };
}

function keysOf({ length, lane, startNs, endNs }: Spans): Keys {
  const index = new Int32Array(length);
  for (let at = 0; at < length; at++) index[at] = at;
  return {
    index,
    lane: lane.slice(0, length),
    startNs: startNs.slice(0, length),
    endNs: endNs.slice(0, length),
  };
}

/** Where stretches begin that are in order, and the end of the last. */
function* runBounds(keys: Keys): Steps<number[]> {
  const bounds = [0];
  yield* inPieces({ from: 1, to: keys.index.length, most: spansPerStep }, (from, to) => {
    for (let at = from; at < to; at++) if (isBefore(keys, at, at - 1)) bounds.push(at);
  });
  bounds.push(keys.index.length);
  return bounds;
}

/** Two runs that become one: `first … middle - 1` and `middle … end - 1`. */
interface Runs {
  readonly first: number;
  readonly middle: number;
  readonly end: number;
}

function* merge(from: Keys, to: Keys, runs: Runs): Steps<void> {
  let left = runs.first;
  yield* inPieces({ from: runs.first, to: runs.end, most: spansPerStep }, (first, end) => {
    left = mergePiece(from, to, { ...runs, first, end, lastEnd: runs.end, left });
  });
}

/** Fills `first … end - 1`; the left run has given all until `left`. Answers until where it has now. */
function mergePiece(
  from: Keys,
  to: Keys,
  { first, middle, end, lastEnd, left: begun }: Runs & { readonly lastEnd: number; readonly left: number },
): number {
  let left = begun;
  let right = middle + (first - left);
  for (let at = first; at < end; at++) {
    const taken = right >= lastEnd || (left < middle && !isBefore(from, right, left)) ? left++ : right++;
    to.index[at] = from.index[taken] ?? 0;
    to.lane[at] = from.lane[taken] ?? 0;
    to.startNs[at] = from.startNs[taken] ?? 0;
    to.endNs[at] = from.endNs[taken] ?? 0;
  }
  return left;
}

function isBefore({ lane, startNs, endNs }: Keys, a: number, b: number): boolean {
  const difference = (startNs[a] ?? 0) - (startNs[b] ?? 0);
  if (difference !== 0) return difference < 0;
  const longer = (endNs[a] ?? 0) - (endNs[b] ?? 0);
  return longer > 0 || (longer === 0 && (lane[a] ?? 0) < (lane[b] ?? 0));
}
