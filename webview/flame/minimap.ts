import { type Color, cssOf, mixColors } from '../../src/shared/colors';
import { fillerStyle, laneStyle, styleOf } from '../../src/shared/framePalette';
import { fitCanvas } from '../canvas/canvasFit';
import { MadeFrom } from '../canvas/madeFrom';
import { fitRange, panBy } from '../canvas/viewport';
import { element } from '../elements';
import { totalNsOf } from '../state';
import type { Theme } from '../theme';
import { type BoxIndex, hasFlag } from './boxes';
import type { FlameController } from './flameController';

/** One column of the strip: how deep the stack is there, and what stands at its end. */
interface Silhouette {
  readonly depth: Uint16Array;
  readonly style: Uint8Array;
  readonly isHit: Uint8Array;
}

/** The strip above the flame graph: the whole axis, what is in view, and where the filter hits. */
export class Minimap {
  readonly element: HTMLElement;
  private readonly canvas = element('canvas');
  private readonly brush = element('div', { class: 'minimap-brush' });
  private silhouette:
    | { index: BoxIndex; matches: Uint8Array | null; width: number; of: Silhouette }
    | undefined;
  private readonly painted = new MadeFrom();
  private grip: { kind: 'pan' | 'range'; atNs: number } | undefined;

  constructor(
    private readonly controller: FlameController,
    private theme: Theme,
  ) {
    this.element = element('div', { class: 'minimap', attributes: { 'aria-hidden': 'true' } });
    this.element.append(this.canvas, this.brush);
    // Asked for its size in each frame, the page would be laid out twice.
    new ResizeObserver(() => {
      this.painted.forget();
      this.draw(this.silhouette?.matches ?? null);
    }).observe(this.element);
    this.element.addEventListener('pointerdown', event => this.pressed(event));
    this.element.addEventListener('pointermove', event => this.moved(event));
    this.element.addEventListener('pointerup', () => this.released());
    this.element.addEventListener('dblclick', () => this.controller.fitOut());
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
  }

  /** Paints the strip and puts the brush where the viewport is. */
  draw(matches: Uint8Array | null): void {
    const index = this.controller.state.pictures.overview;
    const totalNs = totalNsOf(this.controller.state);
    if (!index || totalNs === 0) return;
    this.placeBrush(totalNs);
    // Moving and zooming change the brush only.
    if (this.painted.isSame([index, matches, this.theme])) return;
    const fitted = fitCanvas(this.canvas, this.element);
    if (!fitted) return;
    const { context, width, height, ratio } = fitted;
    this.paint(context, this.silhouetteOf(index, matches, width), { width, height, ratio });
  }

  private placeBrush(totalNs: number): void {
    const { startNs, endNs } = this.controller.viewport;
    this.brush.style.left = `${(startNs / totalNs) * 100}%`;
    this.brush.style.width = `max(3px, ${((endNs - startNs) / totalNs) * 100}%)`;
    this.brush.classList.toggle('is-whole', !this.controller.isZoomed);
  }

  private silhouetteOf(index: BoxIndex, matches: Uint8Array | null, width: number): Silhouette {
    const known = this.silhouette;
    if (known?.index === index && known.matches === matches && known.width === width) return known.of;
    const of = silhouetteOf(index, matches, width);
    this.silhouette = { index, matches, width, of };
    return of;
  }

  private paint(
    context: CanvasRenderingContext2D,
    silhouette: Silhouette,
    size: { width: number; height: number; ratio: number },
  ): void {
    const { styles } = this.theme.frames;
    const deepest = silhouette.depth.reduce((most, depth) => Math.max(most, depth), 1);
    const room = size.height - Math.round(5 * size.ratio);
    for (let x = 0; x < size.width; x++) {
      const bar = Math.round((room * (silhouette.depth[x] ?? 0)) / deepest);
      context.fillStyle = styles[silhouette.style[x] ?? 0]?.fill ?? '';
      context.fillRect(x, size.height - bar, 1, bar);
    }
    context.fillStyle = cssOf(hitColor(this.theme));
    const tick = Math.round(4 * size.ratio);
    for (let x = 0; x < size.width; x++) if (silhouette.isHit[x]) context.fillRect(x, 0, 1, tick);
  }

  private nsAt(event: PointerEvent): number {
    const bounds = this.element.getBoundingClientRect();
    return ((event.clientX - bounds.left) / Math.max(1, bounds.width)) * totalNsOf(this.controller.state);
  }

  private pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    const atNs = this.nsAt(event);
    const { startNs, endNs } = this.controller.viewport;
    const isInside = this.controller.isZoomed && atNs >= startNs && atNs <= endNs;
    this.grip = { kind: isInside ? 'pan' : 'range', atNs };
  }

  private moved(event: PointerEvent): void {
    const { grip, controller } = this;
    if (!grip) return;
    const atNs = this.nsAt(event);
    const totalNs = totalNsOf(controller.state);
    if (grip.kind === 'pan') {
      controller.lookAt(panBy(controller.viewport, atNs - grip.atNs, totalNs));
      this.grip = { kind: 'pan', atNs };
    } else if (Math.abs(atNs - grip.atNs) > totalNs * 0.004) {
      const range = { startNs: Math.min(atNs, grip.atNs), endNs: Math.max(atNs, grip.atNs) };
      controller.lookAt(fitRange(controller.viewport, range, totalNs));
    }
  }

  private released(): void {
    this.grip = undefined;
  }
}

/**
 * Depth, leaf style and filter hits per column. Where several lanes share a column (time order), the first one that
 * works there is shown, else the first one that waits.
 */
function silhouetteOf(index: BoxIndex, matches: Uint8Array | null, width: number): Silhouette {
  const { view } = index;
  const { boxes } = view;
  const shape = {
    depth: new Uint16Array(width),
    style: new Uint8Array(width),
    isHit: new Uint8Array(width),
    lane: new Int32Array(width),
    isWorking: new Uint8Array(width),
  };
  const pxPerNs = width / Math.max(1, view.totalNs);
  for (let box = 0; box < boxes.length; box++) {
    if (hasFlag(view, box, 'lane')) continue;
    const first = Math.floor((boxes.startNs[box] ?? 0) * pxPerNs);
    const end = Math.min(width, Math.max(first + 1, Math.floor((boxes.endNs[box] ?? 0) * pxPerNs)));
    const isHit = matches !== null && matches[boxes.func[box] ?? -1] === 1;
    const mark = { style: leafStyle(index, box), lane: boxes.lane[box] ?? -1, isHit };
    const isWorking = !hasFlag(view, box, 'waiting');
    for (let x = first; x < end; x++) markColumn(shape, x, { ...mark, isWorking });
  }
  return shape;
}

function markColumn(
  shape: Silhouette & { lane: Int32Array; isWorking: Uint8Array },
  x: number,
  box: { style: number; lane: number; isHit: boolean; isWorking: boolean },
): void {
  if (box.isHit) shape.isHit[x] = 1;
  const isOther = shape.lane[x] !== box.lane;
  const isTaken = isOther && shape.depth[x] !== 0 && (shape.isWorking[x] === 1 || !box.isWorking);
  if (isTaken) return;
  shape.depth[x] = isOther ? 1 : (shape.depth[x] ?? 0) + 1;
  shape.lane[x] = box.lane;
  shape.style[x] = box.style;
  shape.isWorking[x] = Number(box.isWorking);
}

function leafStyle(index: BoxIndex, box: number): number {
  const { view } = index;
  if (hasFlag(view, box, 'hidden')) return fillerStyle;
  const func = view.boxes.func[box] ?? -1;
  if (func < 0 || hasFlag(view, box, 'lane')) return laneStyle;
  const kind = Math.min(view.functions.kind[func] ?? 0, 4);
  return styleOf({ kind, shade: 0, isWaiting: hasFlag(view, box, 'waiting'), isFaded: false });
}

function hitColor(theme: Theme): Color {
  return mixColors(theme.accent, theme.foreground, 0.2);
}
