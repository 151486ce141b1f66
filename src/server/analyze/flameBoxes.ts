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
  order.forEach((old, index) => {
    newIndex[old] = index;
  });
  const column = (pick: (box: Box) => number) => order.map(index => pick(at(index)));
  return {
    length: boxes.length,
    startNs: Float64Array.from(column(box => box.startNs)),
    endNs: Float64Array.from(column(box => box.endNs)),
    row: Uint16Array.from(column(box => box.row)),
    func: Int32Array.from(column(box => box.func)),
    selfNs: Float64Array.from(column(box => box.selfNs)),
    cpuNs: Float64Array.from(column(box => box.cpuNs)),
    waitNs: Float64Array.from(column(box => box.waitNs)),
    sampleCount: Int32Array.from(column(box => box.sampleCount)),
    line: Int32Array.from(column(box => box.line)),
    lane: Int32Array.from(column(box => box.lane)),
    parent: Int32Array.from(column(box => (box.parent < 0 ? -1 : (newIndex[box.parent] ?? -1)))),
    flags: Uint8Array.from(column(box => box.flags)),
  };
}
