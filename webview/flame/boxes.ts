import { boxFlag, type FlameView } from '../../src/shared/views';
import { firstEndingAfter, rowStartsOf } from '../canvas/rows';

/** A flame view with its rows found: row `r` holds the boxes `rowStart[r] … rowStart[r + 1] - 1`, ordered by x. */
export interface BoxIndex {
  readonly view: FlameView;
  readonly rowCount: number;
  readonly rowStart: Int32Array;
}

/** Finds the rows of a view, whose boxes are ordered by row, then by x. */
export function indexBoxes(view: FlameView): BoxIndex {
  const { row, length } = view.boxes;
  const rowCount = Math.max(view.rowCount, length > 0 ? (row[length - 1] ?? 0) + 1 : 0);
  return { view, rowCount, rowStart: rowStartsOf(row, length, rowCount) };
}

/** First box of a row that ends after `ns`; the row's end when there is none. */
export function firstBoxAfter(index: BoxIndex, row: number, ns: number): number {
  const from = index.rowStart[row] ?? 0;
  return firstEndingAfter(index.view.boxes.endNs, ns, { from, to: index.rowStart[row + 1] ?? from });
}

/** Whether a flag of `boxFlag` is set. */
export function hasFlag(view: FlameView, box: number, flag: keyof typeof boxFlag): boolean {
  return ((view.boxes.flags[box] ?? 0) & boxFlag[flag]) !== 0;
}

/** Everything about one box by name, read from the columns. */
export interface Box {
  readonly index: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly durationNs: number;
  readonly row: number;
  readonly lane: number;
  /** Index into the view's functions, -1 for fillers and some lane roots. */
  readonly func: number;
  /** The profile's function, -1 when there is none. */
  readonly functionId: number;
  readonly selfNs: number;
  readonly cpuNs: number;
  readonly waitNs: number;
  readonly sampleCount: number;
  readonly line: number;
  readonly parent: number;
  readonly isHidden: boolean;
  readonly isWaiting: boolean;
  readonly isLane: boolean;
}

/** Reads one box, or answers undefined when there is no such box. */
export function readBox(view: FlameView, box: number): Box | undefined {
  const { boxes } = view;
  if (box < 0 || box >= boxes.length) return undefined;
  const func = boxes.func[box] ?? -1;
  return {
    index: box,
    ...extentOf(view, box),
    row: boxes.row[box] ?? 0,
    lane: boxes.lane[box] ?? -1,
    func,
    functionId: func < 0 ? -1 : (view.functions.id[func] ?? -1),
    selfNs: boxes.selfNs[box] ?? 0,
    cpuNs: boxes.cpuNs[box] ?? Number.NaN,
    waitNs: boxes.waitNs[box] ?? 0,
    sampleCount: boxes.sampleCount[box] ?? 0,
    line: boxes.line[box] ?? 0,
    parent: boxes.parent[box] ?? -1,
    isHidden: hasFlag(view, box, 'hidden'),
    isWaiting: hasFlag(view, box, 'waiting'),
    isLane: hasFlag(view, box, 'lane'),
  };
}

function extentOf(view: FlameView, box: number): { startNs: number; endNs: number; durationNs: number } {
  const startNs = view.boxes.startNs[box] ?? 0;
  const endNs = view.boxes.endNs[box] ?? 0;
  return { startNs, endNs, durationNs: endNs - startNs };
}

/** Function ids from the root down to the box, without lane roots: a `Selection.path`. */
export function pathOf(view: FlameView, box: number): number[] {
  const path: number[] = [];
  for (let at = box; at >= 0; at = view.boxes.parent[at] ?? -1) {
    const func = view.boxes.func[at] ?? -1;
    if (func >= 0 && !hasFlag(view, at, 'lane')) path.push(view.functions.id[func] ?? -1);
  }
  return path.reverse();
}

/** Whether `ancestor` is `box` or stands above it. */
export function isWithin(view: FlameView, box: number, ancestor: number): boolean {
  for (let at = box; at >= 0; at = view.boxes.parent[at] ?? -1) if (at === ancestor) return true;
  return false;
}

/** The widest box of a function, -1 when none is drawn. */
export function widestBoxOf(view: FlameView, functionId: number): number {
  const func = view.functions.id.indexOf(functionId);
  return func < 0 ? -1 : widestBox(view, box => view.boxes.func[box] === func);
}

/** The widest box that is accepted, -1 when there is none. */
export function widestBox(view: FlameView, accept: (box: number) => boolean): number {
  let widest = -1;
  let width = -1;
  for (let box = 0; box < view.boxes.length; box++) {
    const ownWidth = (view.boxes.endNs[box] ?? 0) - (view.boxes.startNs[box] ?? 0);
    if (ownWidth <= width || !accept(box)) continue;
    widest = box;
    width = ownWidth;
  }
  return widest;
}

/** What names a frame across slabs, zooming and reloading. */
export interface FrameRef {
  readonly lane: number;
  readonly row: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly path: readonly number[];
}

/** Names a box so that it can be found in another slab. */
export function refOf(view: FlameView, box: Box): FrameRef {
  const { lane, row, startNs, endNs } = box;
  return { lane, row, startNs, endNs, path: pathOf(view, box.index) };
}

/**
 * Finds a frame again: at its place when the layout is the same, else the widest box with its path. -1 when the
 * slab does not show it.
 */
export function findBox(index: BoxIndex, ref: FrameRef): number {
  const { view } = index;
  const middleNs = (ref.startNs + ref.endNs) / 2;
  const there = ref.row < index.rowCount ? firstBoxAfter(index, ref.row, middleNs) : view.boxes.length;
  const isThere = there < (index.rowStart[ref.row + 1] ?? 0) && (view.boxes.startNs[there] ?? 0) <= middleNs;
  if (isThere && hasPath(view, there, ref)) return there;
  return widestBox(view, box => view.boxes.lane[box] === ref.lane && hasPath(view, box, ref));
}

function hasPath(view: FlameView, box: number, ref: FrameRef): boolean {
  let depth = ref.path.length - 1;
  if (depth < 0) return hasFlag(view, box, 'lane') && view.boxes.lane[box] === ref.lane;
  if (hasFlag(view, box, 'hidden')) return false;
  for (let at = box; at >= 0; at = view.boxes.parent[at] ?? -1) {
    const func = view.boxes.func[at] ?? -1;
    if (func < 0 || hasFlag(view, at, 'lane')) continue;
    if (depth < 0 || view.functions.id[func] !== ref.path[depth]) return false;
    depth -= 1;
  }
  return depth < 0;
}
