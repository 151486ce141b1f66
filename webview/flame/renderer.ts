/**
 * Paints boxes: flat ones in one pass per style, then hatches, then texts by font. Boxes narrower than a device
 * pixel are drawn one pixel wide and swallow their neighbours, so that a frame never costs more than about one
 * rectangle per two pixels and row. Sees boxes only, never a profile.
 */

import {
  type FramePalette,
  fillerStyle,
  laneStyle,
  shadeCount,
  styleOf,
} from '../../src/shared/framePalette';
import type { CanvasSize } from '../canvas/deviceSize';
import { positionOf, type Viewport } from '../canvas/viewport';
import { type BoxIndex, firstBoxAfter } from './boxes';
import type { LabelPainter } from './labelPainter';

/** Height of a row in CSS pixels, the hairline below it included. */
export const rowHeightPx = 22;

export interface FlameScene {
  readonly index: BoxIndex;
  readonly viewport: Viewport;
  readonly size: CanvasSize;
  readonly palette: FramePalette;
  /** One byte per function of the view, 1 keeps its colour; null keeps all. */
  readonly matches: Uint8Array | null;
  readonly labels: LabelPainter;
}

/** Where a box is drawn, in device pixels. */
export interface BoxRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws the whole picture. Answers the number of rectangles painted, for the bench. */
export function drawFlame(context: CanvasRenderingContext2D, scene: FlameScene): number {
  const { size, palette } = scene;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, size.width, size.height);
  const buckets: number[][] = palette.styles.map(() => []);
  scene.labels.begin(context, scene.size);
  for (const row of visibleRows(scene)) collectRow(scene, row, buckets);
  const height = rowPitch(size.ratio) - hairline(size.ratio);
  let count = 0;
  for (const [style, rects] of buckets.entries()) {
    count += rects.length / 3;
    paintBucket(context, rects, { scene, style, height });
  }
  scene.labels.paint();
  return count;
}

/** Where a box would be drawn, cut to the canvas's sides. */
export function rectOf(scene: Pick<FlameScene, 'index' | 'viewport' | 'size'>, box: number): BoxRect {
  const { boxes } = scene.index.view;
  const { size, viewport } = scene;
  const left = Math.round(positionOf(viewport, boxes.startNs[box] ?? 0) * size.width);
  const right = Math.round(positionOf(viewport, boxes.endNs[box] ?? 0) * size.width);
  const x = Math.max(0, left);
  const width = Math.max(hairline(size.ratio), Math.min(size.width, right) - x);
  const height = rowPitch(size.ratio) - hairline(size.ratio);
  return { x, y: rowTop(scene, boxes.row[box] ?? 0), width, height };
}

/** The rows that the canvas shows, with half-visible ones. */
export function visibleRows(scene: Pick<FlameScene, 'index' | 'viewport' | 'size'>): number[] {
  const pitch = rowPitch(scene.size.ratio);
  const top = Math.round(scene.viewport.scrollTopPx * scene.size.ratio);
  const first = Math.max(0, Math.floor(top / pitch));
  const end = Math.min(scene.index.rowCount, Math.ceil((top + scene.size.height) / pitch));
  return Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset);
}

/** Device pixels from one row's top to the next. */
export function rowPitch(ratio: number): number {
  return Math.round(rowHeightPx * ratio);
}

function hairline(ratio: number): number {
  return Math.max(1, Math.round(ratio));
}

function rowTop(scene: Pick<FlameScene, 'viewport' | 'size'>, row: number): number {
  return row * rowPitch(scene.size.ratio) - Math.round(scene.viewport.scrollTopPx * scene.size.ratio);
}

function collectRow(scene: FlameScene, row: number, buckets: number[][]): void {
  const { index, viewport, size } = scene;
  const { startNs, endNs } = index.view.boxes;
  const end = index.rowStart[row + 1] ?? 0;
  const y = rowTop(scene, row);
  const scale = size.width / (viewport.endNs - viewport.startNs);
  const gap = hairline(size.ratio);
  let drawnTo = -1;
  for (let box = firstBoxAfter(index, row, viewport.startNs); box < end; box++) {
    const start = startNs[box] ?? 0;
    if (start >= viewport.endNs) break;
    const left = Math.max(0, Math.round((start - viewport.startNs) * scale), drawnTo);
    const right = Math.min(size.width, Math.round(((endNs[box] ?? 0) - viewport.startNs) * scale));
    if (right <= drawnTo) continue;
    const width = Math.max(1, right - left);
    drawnTo = left + Math.max(width, 2);
    const style = boxStyle(scene, box);
    const painted = width > 2 * gap ? width - gap : width;
    buckets[style]?.push(left, y, painted);
    scene.labels.add(box, { x: left, y, width: painted, height: 0 }, style);
  }
}

function boxStyle(scene: FlameScene, box: number): number {
  const { boxes, functions } = scene.index.view;
  const flags = boxes.flags[box] ?? 0;
  if (flags & 1) return fillerStyle;
  const func = boxes.func[box] ?? -1;
  if (flags & 4 || func < 0) return laneStyle;
  return styleOf({
    kind: Math.min(functions.kind[func] ?? 0, 4),
    shade: ((functions.id[func] ?? 0) * 7) % shadeCount,
    isWaiting: (flags & 2) !== 0,
    isFaded: scene.matches !== null && scene.matches[func] !== 1,
  });
}

function paintBucket(
  context: CanvasRenderingContext2D,
  rects: readonly number[],
  options: { scene: FlameScene; style: number; height: number },
): void {
  const style = options.scene.palette.styles[options.style];
  if (!style || rects.length === 0) return;
  const { ratio } = options.scene.size;
  const pattern = style.hatch && hatchPattern(context, options.style === fillerStyle, { ...style, ratio });
  const fills = pattern ? [style.fill, pattern] : [style.fill];
  for (const fill of fills) {
    context.fillStyle = fill;
    for (let at = 0; at < rects.length; at += 3) {
      paintRect(context, rects, { at, height: options.height, ratio });
    }
  }
  outlineBucket(context, rects, options);
}

/** Wide boxes get corners of 2 px; narrow ones are plain, which is several times faster. */
function paintRect(
  context: CanvasRenderingContext2D,
  rects: readonly number[],
  { at, height, ratio }: { at: number; height: number; ratio: number },
): void {
  const x = rects[at] ?? 0;
  const y = rects[at + 1] ?? 0;
  const width = rects[at + 2] ?? 0;
  if (width < 16 * ratio) {
    context.fillRect(x, y, width, height);
    return;
  }
  context.beginPath();
  context.roundRect(x, y, width, height, 2 * ratio);
  context.fill();
}

function outlineBucket(
  context: CanvasRenderingContext2D,
  rects: readonly number[],
  { scene, height }: { scene: FlameScene; height: number },
): void {
  if (!scene.palette.outline) return;
  const line = hairline(scene.size.ratio);
  context.strokeStyle = scene.palette.outline;
  context.lineWidth = line;
  for (let at = 0; at < rects.length; at += 3) {
    const width = rects[at + 2] ?? 0;
    if (width < 4 * line) continue;
    context.strokeRect(
      (rects[at] ?? 0) + line / 2,
      (rects[at + 1] ?? 0) + line / 2,
      width - line,
      height - line,
    );
  }
}

const patterns = new Map<string, CanvasPattern | null>();

/** Diagonal stripes for waiting, dots for fillers: told apart without colour. Kept per colour. */
export function hatchPattern(
  context: CanvasRenderingContext2D,
  isDotted: boolean,
  paint: { readonly hatch: string | null; readonly ratio: number },
): CanvasPattern | null {
  const key = `${isDotted} ${paint.hatch} ${paint.ratio}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  if (patterns.size > 200) patterns.clear();
  const side = Math.round((isDotted ? 4 : 7) * paint.ratio);
  const tile = new OffscreenCanvas(side, side);
  const pen = tile.getContext('2d');
  if (pen && paint.hatch) drawTile(pen, side, { isDotted, hatch: paint.hatch, ratio: paint.ratio });
  const pattern = context.createPattern(tile, 'repeat');
  patterns.set(key, pattern);
  return pattern;
}

function drawTile(
  pen: OffscreenCanvasRenderingContext2D,
  side: number,
  paint: { isDotted: boolean; hatch: string; ratio: number },
): void {
  pen.fillStyle = paint.hatch;
  pen.strokeStyle = paint.hatch;
  if (paint.isDotted) {
    const dot = Math.max(1, Math.round(paint.ratio));
    pen.fillRect(0, 0, dot, dot);
    pen.fillRect(side / 2, side / 2, dot, dot);
    return;
  }
  pen.lineWidth = 2.2 * paint.ratio;
  for (const shift of [-side, 0, side]) {
    pen.beginPath();
    pen.moveTo(shift - 1, side + 1);
    pen.lineTo(shift + side + 1, -1);
    pen.stroke();
  }
}
