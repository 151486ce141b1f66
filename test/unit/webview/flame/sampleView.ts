import { boxFlag, type FlameView } from '../../../../src/shared/views';

/** One box of a drawn picture: `[row, start, end, function, parent]`; function -1 is a lane root. */
type DrawnBox = readonly [row: number, startNs: number, endNs: number, func: number, parent: number];

/** Makes a view of boxes given row by row. Functions are named a, b, c … with ids 10, 11, 12 …; fillers are -2. */
export function viewOf(drawn: readonly DrawnBox[], lane: readonly number[] = []): FlameView {
  const funcs = [...new Set(drawn.map(box => box[3]))].filter(func => func >= 0).sort((a, b) => a - b);
  const column = (at: 0 | 1 | 2 | 3 | 4): number[] => drawn.map(box => box[at]);
  const zeros = drawn.map(() => 0);
  return {
    kind: 'flame',
    unit: 'nanoseconds',
    order: 'leftHeavy',
    totalNs: Math.max(...column(2)),
    rowCount: Math.max(...column(0)) + 1,
    scaleNs: Math.max(...column(2)),
    boxes: {
      length: drawn.length,
      startNs: Float64Array.from(column(1)),
      endNs: Float64Array.from(column(2)),
      row: Uint16Array.from(column(0)),
      func: Int32Array.from(column(3), func => (func < 0 ? -1 : funcs.indexOf(func))),
      selfNs: Float64Array.from(zeros),
      cpuNs: Float64Array.from(zeros),
      waitNs: Float64Array.from(zeros),
      sampleCount: Int32Array.from(zeros),
      line: Int32Array.from(zeros),
      lane: Int32Array.from(drawn, (_, index) => lane[index] ?? 0),
      parent: Int32Array.from(column(4)),
      flags: Uint8Array.from(drawn, box =>
        box[3] === -1 ? boxFlag.lane : box[3] === -2 ? boxFlag.hidden : 0,
      ),
    },
    functions: {
      length: funcs.length,
      id: Int32Array.from(funcs, func => func + 10),
      file: Int32Array.from(funcs, () => 0),
      firstLine: Int32Array.from(funcs, func => func + 1),
      kind: Uint8Array.from(funcs, () => 0),
      names: funcs.map(func => 'abcdefgh'[func] ?? '?'),
      files: funcs.map(() => '/src/agent/tokens.py'),
      places: funcs.map(func => `tokens.py:${func + 1}`),
    },
    lineText: Int32Array.from(drawn, () => -1),
    lineTexts: [],
  };
}

/**
 *     row 0  [ lane                    ]   0
 *     row 1  [ a            ][ b       ]   1 2
 *     row 2  [ c  ][ d ]···   [ a ]        3 4 5(filler) 6
 */
export const sampleView = viewOf([
  [0, 0, 1000, -1, -1],
  [1, 0, 600, 0, 0],
  [1, 600, 1000, 1, 0],
  [2, 0, 200, 2, 1],
  [2, 200, 500, 3, 1],
  [2, 500, 600, -2, 1],
  [2, 700, 800, 0, 2],
]);
