import { cssOf } from '../../src/shared/colors';
import type { ValueUnit } from '../../src/shared/profile';
import { element } from '../elements';
import type { Theme } from '../theme';
import { fitCanvas } from './canvasFit';
import { ticksFor } from './ticks';
import { positionOf, type Viewport } from './viewport';

/** The scale above a picture. */
export class Ruler {
  readonly element = element('div', { class: 'ruler', attributes: { 'aria-hidden': 'true' } });
  private readonly canvas = element('canvas');

  constructor(private theme: Theme) {
    this.element.append(this.canvas);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
  }

  /** Paints the marks of the part in view. */
  draw(viewport: Viewport, unit: ValueUnit): void {
    const fitted = fitCanvas(this.canvas, this.element);
    if (!fitted) return;
    const { context, width, height, ratio } = fitted;
    context.font = `${11 * ratio}px ${this.theme.uiFont}`;
    context.textBaseline = 'middle';
    for (const { ns, text } of ticksFor(viewport.startNs, viewport.endNs, width / (96 * ratio), unit)) {
      const x = Math.round(positionOf(viewport, ns) * width);
      context.fillStyle = cssOf(this.theme.border);
      context.fillRect(x, 0, Math.max(1, Math.round(ratio)), height);
      if (x + 12 * ratio + context.measureText(text).width > width) continue;
      context.fillStyle = cssOf(this.theme.dimForeground);
      context.fillText(text, x + 5 * ratio, height / 2 + ratio / 2);
    }
  }
}
