import type { CanvasSize } from '../canvas/deviceSize';
import { trimToWidth } from '../canvas/trimText';
import type { Rect } from './scene';

interface PlacedLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly color: string;
  /** Painted behind the text where that stands on a hatch. */
  readonly ground: string | null;
  readonly height: number;
}

/** Begins a text before which two bars are drawn: few fonts have the character. */
export const pauseSign = '\u23f8';
const signWidthPx = 11;

/** Narrower boxes carry no text. */
const leastWidthPx = 20;
const paddingPx = 5;

/** Collects the words of a picture and paints them at once. Widths are measured once per text and kept. */
export class LabelWriter {
  private readonly widths = new Map<string, number>();
  private readonly labels: PlacedLabel[] = [];
  private context: CanvasRenderingContext2D | undefined;
  private size: CanvasSize = { width: 0, height: 0, ratio: 1 };

  constructor(private readonly font: string) {}

  /** Starts a picture. */
  begin(context: CanvasRenderingContext2D, size: CanvasSize): void {
    if (size.ratio !== this.size.ratio) this.widths.clear();
    this.context = context;
    this.size = size;
    context.font = `${11.5 * size.ratio}px ${this.font}`;
    this.labels.length = 0;
  }

  /** Whether anything at all can stand in a box of this width. */
  hasRoom(width: number): boolean {
    return width >= this.leastPx;
  }

  /** How wide a box with a text is at least, in device pixels. */
  get leastPx(): number {
    return leastWidthPx * this.size.ratio;
  }

  /** Puts a text into a box, shortened where it must be. */
  addName(name: string, rect: Rect, color: string): void {
    const text = trimToWidth(name, this.roomIn(rect), part => this.widthOf(part));
    if (text !== '') this.place(text, rect, { color, ground: null });
  }

  /** Puts the first of the texts that fits whole into a hatched box; none when none does. */
  addFirstFitting(texts: readonly string[], rect: Rect, paint: { color: string; ground: string }): void {
    const roomPx = this.roomIn(rect);
    const text = texts.find(candidate => this.widthOf(candidate) <= roomPx);
    if (text !== undefined) this.place(text, rect, paint);
  }

  private roomIn(rect: Rect): number {
    return rect.width - 2 * paddingPx * this.size.ratio;
  }

  private place(text: string, rect: Rect, paint: { color: string; ground: string | null }): void {
    const { ratio } = this.size;
    const x = Math.round(rect.x + paddingPx * ratio);
    const y = rect.y + rect.height / 2 + ratio / 2;
    this.labels.push({ text, x, y, width: this.widthOf(text), height: rect.height, ...paint });
  }

  /** Paints what was added since the last time. */
  paint(): void {
    const { context } = this;
    if (!context) return;
    context.font = `${11.5 * this.size.ratio}px ${this.font}`;
    context.textBaseline = 'middle';
    for (const label of this.labels) this.paintGround(context, label);
    for (const { text, x, y, color } of this.labels) {
      context.fillStyle = color;
      const hasSign = text.startsWith(pauseSign);
      if (hasSign) this.paintSign(context, x, y);
      context.fillText(hasSign ? text.slice(1) : text, hasSign ? x + signWidthPx * this.size.ratio : x, y);
    }
    this.labels.length = 0;
  }

  private paintSign(context: CanvasRenderingContext2D, x: number, y: number): void {
    const unit = this.size.ratio;
    for (const shift of [0, 4])
      context.fillRect(x + shift * unit, Math.round(y - 4 * unit), 2 * unit, 8 * unit);
  }

  private paintGround(context: CanvasRenderingContext2D, { x, y, width, height, ground }: PlacedLabel): void {
    if (ground === null) return;
    const { ratio } = this.size;
    context.fillStyle = ground;
    const line = Math.max(1, Math.round(ratio));
    const top = Math.round(y - ratio / 2 - height / 2) + line;
    context.fillRect(x - 4 * ratio, top, width + 8 * ratio, height - 2 * line);
  }

  private widthOf(text: string): number {
    const known = this.widths.get(text);
    if (known !== undefined || !this.context) return known ?? 0;
    if (this.widths.size > 20_000) this.widths.clear();
    const sign = text.startsWith(pauseSign) ? signWidthPx * this.size.ratio : 0;
    const width = sign + this.context.measureText(text.replace(pauseSign, '')).width;
    this.widths.set(text, width);
    return width;
  }
}
