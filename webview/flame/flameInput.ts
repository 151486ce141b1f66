import { dragPan } from '../canvas/dragPan';
import { moveByKey } from '../canvas/moveKeys';
import { panBy, zoomAt } from '../canvas/viewport';
import { wheelZoom } from '../canvas/wheelZoom';
import { totalNsOf } from '../state';
import type { Box } from './boxes';
import { readBox } from './boxes';
import type { FlameView } from './flameView';
import { type WalkStep, walk } from './walk';

const walkKeys: Readonly<Record<string, WalkStep>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/** Mouse, wheel and keys of the flame graph. Keys that work everywhere in the panel are in `panelKeys.ts`. */
export class FlameInput {
  constructor(
    private readonly view: FlameView,
    canvas: HTMLCanvasElement,
    scroller: HTMLElement,
  ) {
    const boxAt = (event: MouseEvent): Box | undefined => view.boxAtPoint(event.offsetX, event.offsetY);
    dragPan(canvas, {
      hover: event => view.hover(event && boxAt(event), event?.offsetX ?? 0),
      panBy: (xPx, yPx) => this.panBy(xPx, yPx),
      click: event => {
        const box = boxAt(event);
        if (box) view.controller.selectBox(box, event.ctrlKey || event.metaKey);
      },
    });
    wheelZoom(scroller, canvas, {
      zoom: (factor, anchor) => this.zoom(factor, anchor),
      panBy: xPx => this.panBy(xPx, 0),
      turned: () => view.hideTooltip(),
    });
    canvas.addEventListener('dblclick', event => {
      const box = boxAt(event);
      if (box) view.controller.zoomTo(box);
    });
    canvas.addEventListener('keydown', event => this.keyPressed(event));
    canvas.addEventListener('blur', () => view.hideTooltip());
    scroller.addEventListener('scroll', () => view.scrolled());
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
    const { widthPx, heightPx, controller } = this.view;
    return moveByKey(key, {
      widthPx,
      heightPx,
      zoom: factor => this.zoom(factor, this.keyAnchor()),
      fitOut: () => controller.fitOut(),
      panBy: (xPx, yPx) => this.panBy(xPx, yPx),
    });
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
