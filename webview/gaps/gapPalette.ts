import { type Color, cssOf, mixColors, readableOn } from '../../src/shared/colors';
import { gapFamilies } from '../../src/shared/gaps';
import type { Theme } from '../theme';

/** How gaps of one family are painted. The text holds 4.5:1 on the background, which labels bring along. */
export interface GapStyle {
  readonly fill: string;
  readonly hatch: string;
  readonly line: string;
  readonly text: string;
}

/** Colours of the timeline beside those of the frames. */
export interface GapPalette {
  /** In the order of `gapFamilies`. */
  readonly listed: readonly GapStyle[];
  /** For gaps that are too short to be listed. */
  readonly faint: readonly GapStyle[];
  readonly idle: string;
  readonly waiting: string;
  readonly waitingText: string;
  readonly background: string;
  readonly dimText: string;
}

type Ground = Pick<Theme, 'background' | 'foreground' | 'dimForeground' | 'gapFamilies' | 'isHighContrast'>;

/** Computes the styles from the theme's colours. */
export function gapPaletteOf(theme: Ground): GapPalette {
  const { background, foreground } = theme;
  const waiting = mixColors(background, foreground, 0.2);
  const colors = gapFamilies.map((_, family) => theme.gapFamilies[family] ?? foreground);
  return {
    listed: colors.map(color => styleOf(color, theme, 1)),
    faint: colors.map(color => styleOf(color, theme, 0.45)),
    idle: cssOf(mixColors(background, foreground, 0.13)),
    waiting: cssOf(waiting),
    waitingText: cssOf(readableOn([waiting], foreground)),
    background: cssOf(background),
    dimText: cssOf(readableOn([background], theme.dimForeground)),
  };
}

function styleOf(color: Color, { background, foreground }: Ground, strength: number): GapStyle {
  const on = (share: number): string => cssOf(mixColors(background, color, share * strength));
  const isReadable = cssOf(readableOn([background], color)) === cssOf(color);
  return {
    fill: on(0.22),
    hatch: on(0.62),
    line: on(1),
    text: cssOf(isReadable ? color : foreground),
  };
}
