import { cssOf } from '../../src/shared/colors';
import { type CanvasSize, deviceSizeOf } from '../canvas/deviceSize';
import { Ruler } from '../canvas/ruler';
import { scrollTo } from '../canvas/viewport';
import { element, setText } from '../elements';
import { matchFunctions, parseFilter } from '../filter';
import { onNextFrame } from '../frameScheduler';
import { labelOf } from '../frameTexts';
import type { PanelState } from '../state';
import type { Theme } from '../theme';
import { type Box, type BoxIndex, findBox, readBox } from './boxes';
import type { FlameController } from './flameController';
import { FlameInput } from './flameInput';
import { boxAt } from './hitTest';
import { LabelPainter } from './labelPainter';
import { Minimap } from './minimap';
import { drawFlame, type FlameScene, rectOf, rowHeightPx, rowPitch, visibleRows } from './renderer';
import { FrameTooltip } from './tooltip';

/** The flame graph with its minimap, ruler and tooltip: two canvases in a scrolling frame. */
export class FlameView {
  readonly element: HTMLElement;
  private readonly canvas = element('canvas', {
    class: 'flame-boxes',
    attributes: { tabindex: '0', role: 'application' },
  });
  private readonly overlay = element('canvas', {
    class: 'flame-overlay',
    attributes: { 'aria-hidden': 'true' },
  });
  private readonly spacer = element('div', { class: 'flame-spacer' });
  private readonly scroller = element('div', { class: 'flame-scroller' });
  private readonly minimap: Minimap;
  private readonly ruler: Ruler;
  private readonly tooltip: FrameTooltip;
  private size: CanvasSize = { width: 0, height: 0, ratio: 1 };
  private hovered = -1;
  private labels: LabelPainter;
  private matches: { filter: string; index: BoxIndex | null; bytes: Uint8Array | null } = {
    filter: '',
    index: null,
    bytes: null,
  };
  private readonly requestDraw = onNextFrame(() => this.draw());
  private readonly requestOverlay = onNextFrame(() => this.drawOverlay());

  constructor(
    readonly controller: FlameController,
    private theme: Theme,
  ) {
    this.labels = this.makeLabels();
    this.minimap = new Minimap(controller, theme);
    this.ruler = new Ruler(theme);
    this.tooltip = new FrameTooltip(controller);
    this.canvas.append(element('p', { text: controller.state.strings.flameFallback }));
    const layers = element('div', { class: 'flame-layers', children: [this.canvas, this.overlay] });
    this.scroller.append(layers, this.spacer);
    this.element = element('section', {
      class: 'flame',
      children: [this.minimap.element, this.ruler.element, this.scroller, this.tooltip.element],
    });
    new FlameInput(this, this.canvas, this.scroller);
    this.watchSize(layers);
    // Only within our own frame: the source editor must not lose the focus to a picture.
    controller.focus = () => {
      if (document.hasFocus()) this.canvas.focus();
    };
    this.canvas.addEventListener('focus', this.requestOverlay);
    this.canvas.addEventListener('blur', this.requestOverlay);
    controller.panel.store.subscribe((state, previous) => this.follow(state, previous));
    this.canvas.setAttribute('aria-label', controller.state.strings.flameLabel);
  }

  /** Repaints in new colours. */
  setTheme(theme: Theme): void {
    this.theme = theme;
    this.labels = this.makeLabels();
    this.minimap.setTheme(theme);
    this.ruler.setTheme(theme);
    this.requestDraw();
  }

  /** The box under a point of the canvas, in CSS pixels from its corner. */
  boxAtPoint(xPx: number, yPx: number): Box | undefined {
    const { index, viewport } = this.controller;
    if (!index || this.size.width === 0) return undefined;
    const nsPerPx = ((viewport.endNs - viewport.startNs) / this.size.width) * this.size.ratio;
    const pitchPx = rowPitch(this.size.ratio) / this.size.ratio;
    const row = Math.floor((yPx + viewport.scrollTopPx) / pitchPx);
    const ns = viewport.startNs + xPx * nsPerPx;
    return readBox(index.view, boxAt(index, { row, ns, toleranceNs: nsPerPx * 2 }));
  }

  /** Marks the box under the pointer and shows what is known of it; undefined unmarks. */
  hover(box: Box | undefined, pointerXPx: number): void {
    const isSame = this.hovered === (box?.index ?? -1);
    this.hovered = box?.index ?? -1;
    this.canvas.style.cursor = box && !box.isLane ? 'pointer' : 'default';
    if (!isSame) this.requestOverlay();
    this.showTooltip(box, pointerXPx);
  }

  /** Shows the tooltip at the box that the keyboard is on. */
  hoverCursor(): void {
    const box = this.controller.cursorBox();
    const scene = this.scene();
    if (!box || !scene) return;
    this.showTooltip(box, rectOf(scene, box.index).x / this.size.ratio + 12);
  }

  hideTooltip(): void {
    this.tooltip.hide();
  }

  get widthPx(): number {
    return this.size.width / this.size.ratio;
  }

  get heightPx(): number {
    return this.size.height / this.size.ratio;
  }

  /** Follows the scroll bar. */
  scrolled(): void {
    const { viewport } = this.controller;
    const scrollTopPx = this.scroller.scrollTop;
    if (Math.abs(scrollTopPx - viewport.scrollTopPx) < 1) return;
    this.tooltip.hide();
    this.controller.lookAt({ ...viewport, scrollTopPx });
  }

  /** A viewport whose scroll position is possible. */
  held(scrollTopPx: number): number {
    const height = { contentPx: this.contentHeightPx(), viewPx: this.heightPx };
    return scrollTo(this.controller.viewport, scrollTopPx, height).scrollTopPx;
  }

  private follow(state: PanelState, previous: PanelState): void {
    if (state.strings !== previous.strings) this.canvas.setAttribute('aria-label', state.strings.flameLabel);
    if (state.pictures !== previous.pictures) {
      this.hovered = -1;
      this.tooltip.hide();
    }
    const isPainted =
      state.pictures !== previous.pictures ||
      state.viewport !== previous.viewport ||
      state.filter !== previous.filter ||
      state.selected !== previous.selected;
    if (isPainted) this.requestDraw();
    else if (state.cursor !== previous.cursor || state.functionId !== previous.functionId)
      this.requestOverlay();
  }

  private draw(): void {
    const scene = this.scene();
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context || this.size.width === 0) return;
    this.fitScroller();
    if (scene) {
      drawFlame(context, scene);
    } else {
      context.fillStyle = this.theme.frames.background;
      context.fillRect(0, 0, this.size.width, this.size.height);
    }
    this.drawOverlay();
    this.minimap.draw(this.matchesOf(this.controller.state.pictures.overview));
    this.ruler.draw(this.controller.viewport, this.controller.state.summary?.unit ?? 'nanoseconds');
  }

  private drawOverlay(): void {
    const scene = this.scene();
    const context = this.overlay.getContext('2d');
    if (!context || !scene) return;
    context.clearRect(0, 0, this.size.width, this.size.height);
    const { state } = this.controller;
    const foreground = cssOf(this.theme.foreground);
    const stroke = (box: number, color: string, widthPx: number): void =>
      this.outline(context, { scene, box, color, widthPx });
    if (state.functionId >= 0)
      for (const box of this.boxesOf(scene, state.functionId)) stroke(box, foreground, 1);
    if (this.hovered >= 0) stroke(this.hovered, foreground, 1);
    if (state.selected) stroke(findBox(scene.index, state.selected.ref), foreground, 2);
    const cursor = this.controller.cursorBox();
    if (cursor && document.activeElement === this.canvas) stroke(cursor.index, cssOf(this.theme.focus), 2);
  }

  private outline(
    context: CanvasRenderingContext2D,
    mark: { scene: FlameScene; box: number; color: string; widthPx: number },
  ): void {
    if (mark.box < 0) return;
    const rect = rectOf(mark.scene, mark.box);
    if (rect.x >= this.size.width || rect.y > this.size.height || rect.y + rect.height < 0) return;
    const line = Math.max(1, Math.round(mark.widthPx * this.size.ratio));
    context.strokeStyle = mark.color;
    context.lineWidth = line;
    const width = Math.max(line + 1, rect.width - line);
    context.beginPath();
    context.roundRect(rect.x + line / 2, rect.y + line / 2, width, rect.height - line, 2 * this.size.ratio);
    context.stroke();
  }

  private boxesOf(scene: FlameScene, functionId: number): number[] {
    const { view, rowStart } = scene.index;
    const func = view.functions.id.indexOf(functionId);
    const found: number[] = [];
    if (func < 0) return found;
    for (const row of visibleRows(scene)) {
      const end = rowStart[row + 1] ?? 0;
      for (let box = rowStart[row] ?? 0; box < end; box++) {
        const isInView =
          (view.boxes.endNs[box] ?? 0) > scene.viewport.startNs &&
          (view.boxes.startNs[box] ?? 0) < scene.viewport.endNs;
        if (view.boxes.func[box] === func && isInView) found.push(box);
        if (found.length >= 2000) return found;
      }
    }
    return found;
  }

  private scene(): FlameScene | undefined {
    const { index, viewport } = this.controller;
    if (!index) return undefined;
    const { size, labels } = this;
    return { index, viewport, size, palette: this.theme.frames, matches: this.matchesOf(index), labels };
  }

  private matchesOf(index: BoxIndex | null): Uint8Array | null {
    const { filter } = this.controller.state;
    if (!index || filter === '') return null;
    if (this.matches.filter !== filter || this.matches.index !== index) {
      this.matches = { filter, index, bytes: matchFunctions(parseFilter(filter), index.view.functions) };
    }
    return this.matches.bytes;
  }

  private makeLabels(): LabelPainter {
    const fonts = { ui: this.theme.uiFont, code: this.theme.codeFont, uiSizePx: 12, codeSizePx: 12 };
    return new LabelPainter(this.theme.frames, fonts, box => {
      const view = this.controller.index?.view;
      return view
        ? labelOf(this.controller.state, view, box)
        : { name: '', place: '', numbers: '', source: '' };
    });
  }

  private showTooltip(box: Box | undefined, pointerXPx: number): void {
    const scene = this.scene();
    if (!box || !scene) {
      this.tooltip.hide();
      return;
    }
    const rect = rectOf(scene, box.index);
    const top = this.scroller.offsetTop;
    const { ratio } = this.size;
    this.tooltip.show(box, scene.index.view, {
      xPx: pointerXPx,
      frameTopPx: top + rect.y / ratio,
      frameBottomPx: top + (rect.y + rect.height) / ratio,
    });
  }

  private contentHeightPx(): number {
    const rows = this.controller.state.pictures.overview?.rowCount ?? 0;
    return (rows * rowPitch(this.size.ratio)) / this.size.ratio + rowHeightPx / 2;
  }

  /** Makes the scroll bar say how much there is, and stand where the viewport stands. */
  private fitScroller(): void {
    const height = `${Math.max(0, this.contentHeightPx() - this.heightPx)}px`;
    if (this.spacer.style.height !== height) this.spacer.style.height = height;
    const { scrollTopPx } = this.controller.viewport;
    if (Math.abs(this.scroller.scrollTop - scrollTopPx) >= 1) this.scroller.scrollTop = scrollTopPx;
    setText(this.canvas.firstElementChild ?? this.canvas, this.controller.state.strings.flameFallback);
  }

  private watchSize(layers: HTMLElement): void {
    new ResizeObserver(entries => {
      this.size = deviceSizeOf(layers, entries[0]);
      const { width, height, ratio } = this.size;
      for (const canvas of [this.canvas, this.overlay]) Object.assign(canvas, { width, height });
      this.controller.setSize({ heightPx: height / ratio, widthDevicePx: width });
      this.draw();
    }).observe(layers, { box: 'device-pixel-content-box' });
  }
}
