import { panBy, zoomAt } from '../canvas/viewport';
import { totalNsOf } from '../state';
import type { Box } from './boxes';
import { readBox } from './boxes';
import type { FlameView } from './flameView';
import { type WalkStep, walk } from './walk';

/** A press that moves further than this is a drag, not a click. */
const dragThresholdPx = 4;

const walkKeys: Readonly<Record<string, WalkStep>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/** Mouse, wheel and keys of the flame graph. Keys that work everywhere in the panel are in `panelKeys.ts`. */
export class FlameInput {
  private drag: { xPx: number; yPx: number; isMoving: boolean } | undefined;

  constructor(
    private readonly view: FlameView,
    private readonly canvas: HTMLCanvasElement,
    scroller: HTMLElement,
  ) {
    canvas.addEventListener('pointerdown', event => this.pressed(event));
    canvas.addEventListener('pointermove', event => this.moved(event));
    canvas.addEventListener('pointerup', event => this.released(event));
    canvas.addEventListener('pointerleave', () => this.view.hover(undefined, 0));
    canvas.addEventListener('dblclick', event => this.doubleClicked(event));
    canvas.addEventListener('keydown', event => this.keyPressed(event));
    canvas.addEventListener('blur', () => this.view.hideTooltip());
    scroller.addEventListener('wheel', event => this.wheeled(event), { passive: false });
    scroller.addEventListener('scroll', () => this.view.scrolled());
  }

  private pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.drag = { xPx: event.clientX, yPx: event.clientY, isMoving: false };
  }

  private moved(event: PointerEvent): void {
    const { drag, view } = this;
    if (!drag) {
      view.hover(view.boxAtPoint(event.offsetX, event.offsetY), event.offsetX);
      return;
    }
    const isFar = Math.hypot(event.clientX - drag.xPx, event.clientY - drag.yPx) > dragThresholdPx;
    if (!drag.isMoving && !isFar) return;
    if (!drag.isMoving) this.canvas.setPointerCapture(event.pointerId);
    view.hover(undefined, 0);
    this.canvas.style.cursor = 'grabbing';
    this.panBy(drag.xPx - event.clientX, drag.yPx - event.clientY);
    this.drag = { xPx: event.clientX, yPx: event.clientY, isMoving: true };
  }

  private released(event: PointerEvent): void {
    const wasDragging = this.drag?.isMoving ?? true;
    this.drag = undefined;
    this.canvas.style.cursor = 'default';
    if (wasDragging || event.button !== 0) return;
    const box = this.view.boxAtPoint(event.offsetX, event.offsetY);
    if (box) this.view.controller.selectBox(box, event.ctrlKey || event.metaKey);
  }

  private doubleClicked(event: MouseEvent): void {
    const box = this.view.boxAtPoint(event.offsetX, event.offsetY);
    if (box) this.view.controller.zoomTo(box);
  }

  private wheeled(event: WheelEvent): void {
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const anchor = event.offsetX / Math.max(1, this.view.widthPx);
      this.zoom(Math.exp(clampWheel(event) / 300), anchor);
    } else if (isSideways) {
      event.preventDefault();
      this.panBy(event.deltaX || event.deltaY, 0);
    }
    this.view.hideTooltip();
  }

  private keyPressed(event: KeyboardEvent): void {
    const step = walkKeys[event.key];
    const isHandled = step ? this.walk(step, event) : this.otherKey(event);
    if (!isHandled) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private walk(step: WalkStep, event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const { controller } = this.view;
    const { index } = controller;
    if (!index) return false;
    const box = readBox(index.view, walk(index, controller.cursorBox()?.index ?? -1, step));
    if (box) controller.pointAt(box);
    this.view.hoverCursor();
    return true;
  }

  private otherKey(event: KeyboardEvent): boolean {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const box = this.view.controller.cursorBox();
    if (event.key === 'Enter' && box) return this.enter(box, !isPlain);
    if (event.key === ' ' && box && isPlain) {
      this.view.controller.selectBox(box);
      return true;
    }
    return isPlain && this.moveKey(event.key);
  }

  private enter(box: Box, isWithModifier: boolean): boolean {
    if (isWithModifier) this.view.controller.revealBox(box, true);
    else this.view.controller.zoomTo(box);
    this.view.hideTooltip();
    return true;
  }

  private moveKey(key: string): boolean {
    const stepPx = this.view.widthPx / 6;
    const actions: Readonly<Record<string, () => void>> = {
      w: () => this.zoom(0.7, this.keyAnchor()),
      s: () => this.zoom(1 / 0.7, this.keyAnchor()),
      '+': () => this.zoom(0.7, this.keyAnchor()),
      '=': () => this.zoom(0.7, this.keyAnchor()),
      '-': () => this.zoom(1 / 0.7, this.keyAnchor()),
      '0': () => this.view.controller.fitOut(),
      a: () => this.panBy(-stepPx, 0),
      d: () => this.panBy(stepPx, 0),
      PageDown: () => this.panBy(0, this.view.heightPx * 0.9),
      PageUp: () => this.panBy(0, -this.view.heightPx * 0.9),
      Home: () => this.panBy(0, -1e9),
      End: () => this.panBy(0, 1e9),
    };
    const action = actions[key.length === 1 ? key.toLowerCase() : key];
    action?.();
    return action !== undefined;
  }

  /** Keys zoom at the frame that the keyboard is on, or in the middle. */
  private keyAnchor(): number {
    const box = this.view.controller.cursorBox();
    const { startNs, endNs } = this.view.controller.viewport;
    if (!box) return 0.5;
    const anchor = ((box.startNs + box.endNs) / 2 - startNs) / (endNs - startNs);
    return anchor >= 0 && anchor <= 1 ? anchor : 0.5;
  }

  private zoom(factor: number, anchor: number): void {
    const { controller } = this.view;
    const totalNs = totalNsOf(controller.state);
    controller.lookAt(zoomAt(controller.viewport, factor, { anchor, totalNs }));
  }

  private panBy(xPx: number, yPx: number): void {
    const { controller } = this.view;
    const { viewport } = controller;
    const nsPerPx = (viewport.endNs - viewport.startNs) / Math.max(1, this.view.widthPx);
    const panned = panBy(viewport, xPx * nsPerPx, totalNsOf(controller.state));
    controller.lookAt({ ...panned, scrollTopPx: this.view.held(viewport.scrollTopPx + yPx) });
  }
}

/** Wheels that count in lines or pages move as far as those that count in pixels. */
function clampWheel(event: WheelEvent): number {
  const unitPx = [1, 20, 200][event.deltaMode] ?? 1;
  return Math.max(-200, Math.min(200, event.deltaY * unitPx));
}
