import { type CanvasSize, deviceSizeOf } from '../canvas/deviceSize';
import { element } from '../elements';
import { trackHeightPx } from './scene';

/** The scrolling frame of the lanes: two canvases as large as what can be seen, and the names beside them. */
export class LaneFrame {
  readonly canvas: HTMLCanvasElement;
  readonly overlay = element('canvas', { class: 'flame-overlay', attributes: { 'aria-hidden': 'true' } });
  /** What holds the canvases. */
  readonly layers = element('div', { class: 'timeline-canvas' });
  readonly element = element('div', { class: 'timeline-scroller' });
  size: CanvasSize = { width: 0, height: 0, ratio: 1 };
  private readonly spacer = element('div', { class: 'flame-spacer' });

  constructor(gutter: HTMLElement, texts: { readonly label: string; readonly fallback: string }) {
    this.canvas = element('canvas', {
      class: 'timeline-lanes',
      attributes: { tabindex: '0', role: 'application', 'aria-label': texts.label },
      children: [element('p', { text: texts.fallback })],
    });
    this.layers.append(this.canvas, this.overlay);
    const sticky = element('div', { class: 'timeline-layers', children: [gutter, this.layers] });
    this.element.append(sticky, this.spacer);
  }

  get widthPx(): number {
    return this.size.width / this.size.ratio;
  }

  get heightPx(): number {
    return this.size.height / this.size.ratio;
  }

  /** What takes room at the right of the lanes, in CSS pixels. */
  get scrollBarPx(): number {
    return this.element.offsetWidth - this.element.clientWidth;
  }

  /** Makes room for so many tracks, and the scroll bar stand where the viewport stands. */
  fit(trackCount: number, scrollTopPx: number): void {
    const contentPx = trackCount * trackHeightPx;
    const height = `${contentPx}px`;
    if (this.element.style.getPropertyValue('--lanes') !== height)
      this.element.style.setProperty('--lanes', height);
    const spare = `${Math.max(0, contentPx - this.heightPx)}px`;
    if (this.spacer.style.height !== spare) this.spacer.style.height = spare;
    if (Math.abs(this.element.scrollTop - scrollTopPx) >= 1) this.element.scrollTop = scrollTopPx;
  }

  /** Keeps the canvases as large as their room. */
  watchSize(onResized: () => void): void {
    new ResizeObserver(entries => {
      this.size = deviceSizeOf(this.layers, entries[0]);
      const { width, height } = this.size;
      for (const canvas of [this.canvas, this.overlay]) Object.assign(canvas, { width, height });
      onResized();
    }).observe(this.layers, { box: 'device-pixel-content-box' });
  }
}
