import { cssOf, mixColors } from '../../src/shared/colors';
import { seriousGapNs, warnedGapNs } from '../../src/shared/gaps';
import { type FittedCanvas, fitCanvas } from '../canvas/canvasFit';
import { MadeFrom } from '../canvas/madeFrom';
import type { Range } from '../canvas/range';
import { panBy } from '../canvas/viewport';
import { element } from '../elements';
import type { Theme } from '../theme';
import type { GapsController } from './gapsController';
import { dragRange } from './rangeDrag';

/** How a listed gap is marked, by its length: higher and in a stronger colour. */
interface Severity {
  readonly fromNs: number;
  readonly heightPx: number;
  colorOf(theme: Theme): string;
}

const severities: readonly Severity[] = [
  { fromNs: 0, heightPx: 4, colorOf: theme => cssOf(theme.dimForeground) },
  { fromNs: warnedGapNs, heightPx: 7, colorOf: theme => cssOf(theme.warning) },
  { fromNs: seriousGapNs, heightPx: 11, colorOf: theme => cssOf(theme.error) },
];

/** The strip of the whole run: cores used, marks for the gaps that delayed somebody, and what is in view. */
export class TimelineMinimap {
  readonly element = element('div', { class: 'timeline-strip', attributes: { 'aria-hidden': 'true' } });
  private readonly canvas = element('canvas');
  private readonly brush = element('div', { class: 'timeline-brush' });
  private readonly draft = element('div', { class: 'timeline-draft' });
  private grip: number | undefined;
  private readonly painted = new MadeFrom();

  constructor(
    private readonly controller: GapsController,
    private theme: Theme,
  ) {
    this.element.title = controller.state.strings.wholeRunTitle;
    this.draft.hidden = true;
    this.element.append(this.canvas, this.draft, this.brush);
    this.element.addEventListener('dblclick', () => controller.fitOut());
    // Asked for its size in each frame, the page would be laid out twice.
    new ResizeObserver(() => {
      this.painted.forget();
      this.draw();
    }).observe(this.element);
    this.brush.addEventListener('pointermove', event => this.brushMoved(event));
    this.brush.addEventListener('pointerup', () => {
      this.grip = undefined;
    });
    dragRange(this.element, {
      start: event => this.pressed(event),
      nsAt: event => this.nsAt(event),
      onDraft: range => this.showDraft(range),
      onDone: range => {
        controller.setRange(range);
        controller.fit(range);
      },
    });
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
  }

  /** Paints the strip and puts the brush where the viewport is. */
  draw(): void {
    const { totalNs, viewport, isZoomed } = this.controller;
    if (totalNs === 0) return;
    this.place(this.brush, viewport, totalNs);
    this.brush.classList.toggle('is-whole', !isZoomed);
    // Moving and zooming change the brush only.
    const { timeline, gaps, range } = this.controller.state;
    if (this.painted.isSame([timeline.overview, gaps, range, this.theme])) return;
    const fitted = fitCanvas(this.canvas, this.element);
    if (!fitted) return;
    this.drawCores(fitted);
    this.drawRange(fitted, totalNs);
    this.drawMarks(fitted, totalNs);
  }

  private drawCores({ context, width, height }: FittedCanvas): void {
    const cores = this.controller.state.timeline.overview?.view.cpuCores;
    if (!cores || cores.length === 0) return;
    const most = cores.reduce((top, value) => Math.max(top, value), 1);
    context.fillStyle = cssOf(mixColors(this.theme.background, this.theme.ownCode, 0.6));
    context.beginPath();
    context.moveTo(0, height);
    for (let bin = 0; bin < cores.length; bin++) {
      const y = height - ((cores[bin] ?? 0) / most) * height * 0.75;
      context.lineTo((bin / cores.length) * width, y);
      context.lineTo(((bin + 1) / cores.length) * width, y);
    }
    context.lineTo(width, height);
    context.fill();
  }

  private drawRange({ context, width, height }: FittedCanvas, totalNs: number): void {
    const { range } = this.controller.state;
    if (!range) return;
    const left = (range.startNs / totalNs) * width;
    context.fillStyle = cssOf({ ...this.theme.accent, alpha: 0.22 });
    context.fillRect(left, 0, Math.max(2, (range.endNs / totalNs) * width - left), height);
  }

  /** Weak marks first: a serious one is never covered. */
  private drawMarks({ context, width, ratio }: FittedCanvas, totalNs: number): void {
    const { gaps } = this.controller.state;
    if (!gaps) return;
    const { startNs, endNs, group } = gaps.view.gaps;
    const delaying = gaps.listed.filter(gap => (gaps.view.groups[group[gap] ?? -1]?.delayNs ?? 0) > 0);
    for (const [at, severity] of severities.entries()) {
      const untilNs = severities[at + 1]?.fromNs ?? Number.POSITIVE_INFINITY;
      context.fillStyle = severity.colorOf(this.theme);
      for (const gap of delaying) {
        const durationNs = (endNs[gap] ?? 0) - (startNs[gap] ?? 0);
        if (durationNs < severity.fromNs || durationNs >= untilNs) continue;
        const x = Math.round(((startNs[gap] ?? 0) / totalNs) * width);
        const markWidth = Math.max(Math.round(2 * ratio), (durationNs / totalNs) * width);
        context.fillRect(x, 0, markWidth, Math.round(severity.heightPx * ratio));
      }
    }
  }

  private place(target: HTMLElement, { startNs, endNs }: Range, totalNs: number): void {
    target.style.left = `${(startNs / totalNs) * 100}%`;
    target.style.width = `max(3px, ${((endNs - startNs) / totalNs) * 100}%)`;
  }

  private showDraft(range: Range | null): void {
    this.draft.hidden = range === null;
    if (range) this.place(this.draft, range, this.controller.totalNs);
  }

  private nsAt(event: PointerEvent): number {
    const bounds = this.element.getBoundingClientRect();
    const part = (event.clientX - bounds.left) / Math.max(1, bounds.width);
    return Math.min(1, Math.max(0, part)) * this.controller.totalNs;
  }

  /** A press on the brush moves it; one beside it begins a selection. */
  private pressed(event: PointerEvent): boolean {
    if (event.target !== this.brush) return true;
    this.brush.setPointerCapture(event.pointerId);
    this.grip = this.nsAt(event);
    return false;
  }

  private brushMoved(event: PointerEvent): void {
    if (this.grip === undefined) return;
    const atNs = this.nsAt(event);
    const { controller } = this;
    controller.lookAt(panBy(controller.viewport, atNs - this.grip, controller.totalNs));
    this.grip = atNs;
  }
}
