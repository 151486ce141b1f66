import { boxFlag, type FlameView } from '../../shared/views';

/** One box of a flame graph while it is laid out. */
export interface Box {
  startNs: number;
  endNs: number;
  row: number;
  /** Function of the profile, -1 for lane roots and hidden fillers. */
  func: number;
  selfNs: number;
  cpuNs: number;
  waitNs: number;
  /** Of a hidden filler: how many boxes it stands for. */
  sampleCount: number;
  line: number;
  lane: number;
  parent: number;
  flags: number;
}

/** The columns of a view's boxes, with functions of the profile. */
export type BoxColumns = FlameView['boxes'];

/** A box that mostly waits carries the flag of it. */
export function waitFlag(waitNs: number, totalNs: number): number {
  return totalNs > 0 && waitNs * 2 > totalNs ? boxFlag.waiting : 0;
}

/** Turns boxes into columns, ordered by row and then by x; parents are renumbered. */
export function boxColumns(boxes: readonly Box[]): BoxColumns {
  const order = boxes.map((_, index) => index);
  const at = (index: number) => boxes[index] as Box;
  order.sort((a, b) => at(a).row - at(b).row || at(a).startNs - at(b).startNs || a - b);
  const newIndex = new Int32Array(boxes.length);
  const columns = emptyColumns(boxes.length);
  for (const [index, old] of order.entries()) newIndex[old] = index;
  for (const [index, old] of order.entries()) {
    const box = at(old);
    columns.startNs[index] = box.startNs;
    columns.endNs[index] = box.endNs;
    columns.row[index] = box.row;
    columns.func[index] = box.func;
    columns.selfNs[index] = box.selfNs;
    columns.cpuNs[index] = box.cpuNs;
    columns.waitNs[index] = box.waitNs;
    columns.sampleCount[index] = box.sampleCount;
    columns.line[index] = box.line;
    columns.lane[index] = box.lane;
    columns.parent[index] = box.parent < 0 ? -1 : (newIndex[box.parent] ?? -1);
    columns.flags[index] = box.flags;
  }
  return columns;
}

function emptyColumns(length: number): BoxColumns {
  return {
    length,
    startNs: new Float64Array(length),
    endNs: new Float64Array(length),
    row: new Uint16Array(length),
    func: new Int32Array(length),
    selfNs: new Float64Array(length),
    cpuNs: new Float64Array(length),
    waitNs: new Float64Array(length),
    sampleCount: new Int32Array(length),
    line: new Int32Array(length),
    lane: new Int32Array(length),
    parent: new Int32Array(length),
    flags: new Uint8Array(length),
  };
}
