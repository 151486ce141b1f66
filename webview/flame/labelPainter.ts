import type { FramePalette } from '../../src/shared/framePalette';
import type { CanvasSize } from '../canvas/deviceSize';
import { type LabelPart, type LabelTexts, layoutLabel } from './labels';
import type { BoxRect } from './renderer';
import { rowPitch } from './renderer';

/** Fonts of the theme. Sizes are CSS pixels. */
export interface LabelFonts {
  readonly ui: string;
  readonly code: string;
  readonly uiSizePx: number;
  readonly codeSizePx: number;
}

interface PendingText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly color: string;
}

const parts: readonly LabelPart[] = ['name', 'place', 'numbers', 'source'];
/** Narrower boxes carry no text, not even an ellipsis. */
const minLabelWidthPx = 22;

/**
 * Collects the labels of a picture and paints them font by font. Widths are measured once per text and kept, since
 * measuring costs more than drawing.
 */
export class LabelPainter {
  private readonly widths = new Map<string, number>();
  private readonly pending: Record<LabelPart, PendingText[]> = {
    name: [],
    place: [],
    numbers: [],
    source: [],
  };
  private context: CanvasRenderingContext2D | undefined;
  private size: CanvasSize = { width: 0, height: 0, ratio: 1 };
  private readonly fonts: Record<LabelPart, string> = { name: '', place: '', numbers: '', source: '' };

  constructor(
    private readonly palette: FramePalette,
    private readonly family: LabelFonts,
    private readonly textsOf: (box: number) => LabelTexts,
  ) {}

  /** Starts a picture. */
  begin(context: CanvasRenderingContext2D, size: CanvasSize): void {
    if (size.ratio !== this.size.ratio) this.widths.clear();
    this.context = context;
    this.size = size;
    const ui = `${this.family.uiSizePx * size.ratio}px ${this.family.ui}`;
    this.fonts.name = `600 ${ui}`;
    this.fonts.place = ui;
    this.fonts.numbers = ui;
    this.fonts.source = `${this.family.codeSizePx * size.ratio}px ${this.family.code}`;
    for (const part of parts) this.pending[part].length = 0;
  }

  /** Lays out the label of a box that is wide enough for one. */
  add(box: number, rect: BoxRect, style: number): void {
    const { ratio } = this.size;
    if (rect.width < minLabelWidthPx * ratio) return;
    const colors = this.palette.styles[style];
    if (!colors) return;
    const spacing = { paddingPx: 6 * ratio, gapPx: 8 * ratio, minSourcePx: 90 * ratio };
    const font = { measure: (text: string, part: LabelPart) => this.widthOf(text, part), spacing };
    const y = rect.y + Math.round((rowPitch(ratio) - ratio) / 2) + ratio * 0.5;
    for (const { part, text, xPx } of layoutLabel(this.textsOf(box), rect.width, font)) {
      const color = part === 'place' || part === 'source' ? colors.dimText : colors.text;
      this.pending[part].push({ text, x: Math.round(rect.x + xPx), y, color });
    }
  }

  /** Paints what was added. */
  paint(): void {
    const { context } = this;
    if (!context) return;
    context.textBaseline = 'middle';
    for (const part of parts) {
      context.font = this.fonts[part];
      for (const { text, x, y, color } of this.pending[part]) {
        context.fillStyle = color;
        context.fillText(text, x, y);
      }
    }
  }

  private widthOf(text: string, part: LabelPart): number {
    const key = part + text;
    const known = this.widths.get(key);
    if (known !== undefined || !this.context) return known ?? 0;
    if (this.widths.size > 20_000) this.widths.clear();
    this.context.font = this.fonts[part];
    const width = this.context.measureText(text).width;
    this.widths.set(key, width);
    return width;
  }
}
