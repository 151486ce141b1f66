/** Colours as numbers, to mix them and to hold text at a contrast that can be read. Channels 0 … 255, alpha 0 … 1. */
export interface Color {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

/** Reads `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb()` and `rgba()`: what VS Code writes into its variables. */
export function parseColor(text: string): Color | undefined {
  const trimmed = text.trim();
  const hex = /^#([0-9a-f]{3,8})$/i.exec(trimmed)?.[1];
  if (hex) return parseHex(hex);
  const numbers = /^rgba?\(([^)]*)\)$/i
    .exec(trimmed)?.[1]
    ?.split(/[\s,/]+/)
    .map(Number.parseFloat);
  const [red, green, blue, alpha = 1] = numbers ?? [];
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return { red, green, blue, alpha };
}

function parseHex(hex: string): Color | undefined {
  const long = hex.length <= 4 ? [...hex].map(digit => digit + digit).join('') : hex;
  if (long.length !== 6 && long.length !== 8) return undefined;
  const channel = (at: number): number => Number.parseInt(long.slice(at, at + 2), 16);
  const alpha = long.length === 8 ? channel(6) / 255 : 1;
  return { red: channel(0), green: channel(2), blue: channel(4), alpha };
}

/** A colour as CSS. */
export function cssOf(color: Color): string {
  const { red, green, blue, alpha } = color;
  return `rgba(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)}, ${Number(alpha.toFixed(3))})`;
}

/** `share` of `to` in `from`, opaque as far as both are. */
export function mixColors(from: Color, to: Color, share: number): Color {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return {
    red: mix(from.red, to.red),
    green: mix(from.green, to.green),
    blue: mix(from.blue, to.blue),
    alpha: mix(from.alpha, to.alpha),
  };
}

/** What is seen when `color` lies on an opaque `ground`. */
export function layOn(color: Color, ground: Color): Color {
  return { ...mixColors(ground, color, color.alpha), alpha: 1 };
}

/** WCAG contrast ratio of two opaque colours, 1 … 21. */
export function contrastOf(first: Color, second: Color): number {
  const one = luminanceOf(first) + 0.05;
  const other = luminanceOf(second) + 0.05;
  return one > other ? one / other : other / one;
}

function luminanceOf(color: Color): number {
  const linear = (channel: number): number => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

const black: Color = { red: 0, green: 0, blue: 0, alpha: 1 };
const white: Color = { red: 255, green: 255, blue: 255, alpha: 1 };

/** The preferred text colour where it can be read on every ground (4.5:1), else black or white. */
export function readableOn(grounds: readonly Color[], preferred: Color): Color {
  if (worstContrast(preferred, grounds) >= 4.5) return preferred;
  return worstContrast(black, grounds) >= worstContrast(white, grounds) ? black : white;
}

/** As faint as it may be: `text` mixed towards its ground, but never below 4.5:1. */
export function dimmedOn(grounds: readonly Color[], text: Color): Color {
  const ground = grounds[0] ?? black;
  for (const share of [0.35, 0.25, 0.15, 0.08]) {
    const dimmed = mixColors(text, ground, share);
    if (worstContrast(dimmed, grounds) >= 4.5) return dimmed;
  }
  return text;
}

function worstContrast(color: Color, grounds: readonly Color[]): number {
  return Math.min(...grounds.map(ground => contrastOf(color, ground)));
}
