/** Tiles to fill with. Places are parts of the tile's side, so that a tile continues into its neighbours. */
interface HatchShape {
  readonly sidePx: number;
  readonly linePx: number;
  readonly strokes: readonly (readonly [x1: number, y1: number, x2: number, y2: number])[];
  /** Corners of dots with sides of `linePx`. */
  readonly dots?: readonly (readonly [x: number, y: number])[];
}

const rise = [-1, 0, 1].map(shift => [shift - 0.2, 1.2, shift + 1.2, -0.2] as const);
const fall = [-1, 0, 1].map(shift => [shift - 0.2, -0.2, shift + 1.2, 1.2] as const);
const level = [0, 0.5, 1, 0.5] as const;
const upright = [0.5, 0, 0.5, 1] as const;

const shapes = {
  rising: { sidePx: 6, linePx: 1.4, strokes: rise },
  falling: { sidePx: 6, linePx: 1.4, strokes: fall },
  risingBands: { sidePx: 11, linePx: 3.6, strokes: rise },
  fallingBands: { sidePx: 11, linePx: 3.6, strokes: fall },
  level: { sidePx: 4, linePx: 1.2, strokes: [level] },
  upright: { sidePx: 5, linePx: 1.4, strokes: [upright] },
  cross: { sidePx: 8, linePx: 1.2, strokes: [...rise, ...fall] },
  grid: { sidePx: 6, linePx: 1.2, strokes: [level, upright] },
  zigzag: {
    sidePx: 8,
    linePx: 1.4,
    strokes: [
      [-0.1, 0.35, 0.5, 0.85],
      [0.5, 0.85, 1.1, 0.35],
    ],
  },
  dots: {
    sidePx: 6,
    linePx: 2,
    strokes: [],
    dots: [
      [0, 0],
      [0.5, 0.5],
    ],
  },
  specks: { sidePx: 8, linePx: 1.2, strokes: [], dots: [[0.4, 0.4]] },
} as const satisfies Readonly<Record<string, HatchShape>>;

export type HatchName = keyof typeof shapes;
export const hatchNames = Object.keys(shapes) as readonly HatchName[];

const patterns = new Map<string, CanvasPattern | null>();

/** A hatch to fill with, kept per colour. `shiftPx` moves it along with what it fills, in device pixels. */
export function hatchPattern(
  context: CanvasRenderingContext2D,
  name: HatchName,
  paint: { readonly color: string; readonly ratio: number; readonly shiftPx?: number },
): CanvasPattern | null {
  const key = `${name} ${paint.color} ${paint.ratio}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    if (patterns.size > 200) patterns.clear();
    pattern = context.createPattern(tileOf(name, paint), 'repeat');
    patterns.set(key, pattern);
  }
  const sidePx = Math.round(shapes[name].sidePx * paint.ratio);
  pattern?.setTransform(new DOMMatrix([1, 0, 0, 1, (paint.shiftPx ?? 0) % sidePx, 0]));
  return pattern;
}

function tileOf(name: HatchName, paint: { color: string; ratio: number }): OffscreenCanvas {
  const shape: HatchShape = shapes[name];
  const side = Math.round(shape.sidePx * paint.ratio);
  const tile = new OffscreenCanvas(side, side);
  const pen = tile.getContext('2d');
  if (!pen) return tile;
  pen.strokeStyle = paint.color;
  pen.fillStyle = paint.color;
  pen.lineWidth = shape.linePx * paint.ratio;
  pen.beginPath();
  for (const [x1, y1, x2, y2] of shape.strokes) {
    pen.moveTo(x1 * side, y1 * side);
    pen.lineTo(x2 * side, y2 * side);
  }
  pen.stroke();
  const dot = Math.max(1, Math.round(shape.linePx * paint.ratio));
  for (const [x, y] of shape.dots ?? []) pen.fillRect(Math.round(x * side), Math.round(y * side), dot, dot);
  return tile;
}
