import { type Color, cssOf, dimmedOn, mixColors, readableOn } from './colors';

/** How one class of boxes is painted. Text colours hold 4.5:1 on the fill and on its hatch. */
export interface BoxStyle {
  readonly fill: string;
  /** Stripe colour of a waiting box or dots of a filler; null paints flat. */
  readonly hatch: string | null;
  readonly text: string;
  readonly dimText: string;
}

/** All styles by `styleOf`, plus the colours around the boxes. */
export interface FramePalette {
  readonly styles: readonly BoxStyle[];
  readonly background: string;
  /** Drawn around boxes in high contrast only. */
  readonly outline: string | null;
}

/** What a box's style depends on. `kind` is an index into `functionKinds`; `shade` 0 … 2 tells neighbours apart. */
export interface StyleFacts {
  readonly kind: number;
  readonly shade: number;
  readonly isWaiting: boolean;
  readonly isFaded: boolean;
}

export const shadeCount = 3;
const kindCount = 5;
const special = kindCount * shadeCount * 4;

/** Index into `FramePalette.styles`. */
export function styleOf(facts: StyleFacts): number {
  return ((facts.kind * shadeCount + facts.shade) * 2 + Number(facts.isWaiting)) * 2 + Number(facts.isFaded);
}

/** Style of the boxes that stand for many too narrow ones. */
export const fillerStyle = special;
/** Style of a lane's root box. */
export const laneStyle = special + 1;

/** Computes every style from the theme's colours. */
export function paletteFrom(theme: {
  readonly kinds: readonly Color[];
  readonly text: Color;
  readonly background: Color;
  readonly foreground: Color;
  readonly isHighContrast: boolean;
}): FramePalette {
  const { background, foreground, text } = theme;
  const styles: BoxStyle[] = [];
  for (let kind = 0; kind < kindCount; kind++) {
    for (let shade = 0; shade < shadeCount; shade++) {
      const base = mixColors(theme.kinds[kind] ?? foreground, background, shade * 0.1);
      const faded = mixColors(base, background, 0.8);
      styles.push(flat(base, text), flat(faded, text));
      styles.push(striped(base, background, text), striped(faded, background, text));
    }
  }
  const grey = mixColors(background, foreground, 0.16);
  styles.push(withText({ fill: grey, hatch: mixColors(background, foreground, 0.32) }, foreground));
  styles.push(flat(mixColors(background, foreground, 0.1), foreground));
  const outline = theme.isHighContrast ? cssOf(foreground) : null;
  return { styles, background: cssOf(background), outline };
}

function flat(fill: Color, text: Color): BoxStyle {
  return withText({ fill, hatch: null }, text);
}

/** Waiting: pale ground with stripes in the frame's own hue, so that kind and state both stay readable. */
function striped(base: Color, background: Color, text: Color): BoxStyle {
  const fill = mixColors(base, background, 0.68);
  return withText({ fill, hatch: mixColors(base, background, 0.48) }, text);
}

function withText(box: { fill: Color; hatch: Color | null }, preferred: Color): BoxStyle {
  const grounds = box.hatch ? [box.fill, box.hatch] : [box.fill];
  const text = readableOn(grounds, preferred);
  return {
    fill: cssOf(box.fill),
    hatch: box.hatch && cssOf(box.hatch),
    text: cssOf(text),
    dimText: cssOf(dimmedOn(grounds, text)),
  };
}
