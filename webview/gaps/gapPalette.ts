import { type Color, contrastOf, cssOf, mixColors, readableOn } from '../../src/shared/colors';
import { gapFamilies } from '../../src/shared/gaps';
import type { Theme } from '../theme';

/** How gaps of one family are painted. The text holds 4.5:1 on the fill, which labels bring along over the hatch. */
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
  const on = (share: number): Color => mixColors(background, color, share * strength);
  const fill = on(0.22);
  const preferred = contrastOf(color, fill) >= 4.5 ? color : foreground;
  return {
    fill: cssOf(fill),
    hatch: cssOf(on(0.62)),
    line: cssOf(on(1)),
    text: cssOf(readableOn([fill], preferred)),
  };
}
