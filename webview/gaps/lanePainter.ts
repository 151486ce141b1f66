import { cssOf, mixColors } from '../../src/shared/colors';
import type { Theme } from '../theme';
import { drawCounters } from './counterPainter';
import { drawGaps, drawGround } from './gapPainter';
import type { GapPalette } from './gapPalette';
import type { LabelWriter } from './labelWriter';
import type { Scene } from './scene';
import { drawSlices } from './slicePainter';

/** What the lanes are painted with. */
export interface LanePaint {
  readonly theme: Theme;
  readonly palette: GapPalette;
  readonly labels: LabelWriter;
}

/** Paints the lanes: what they did, their gaps over that, and what was counted. Without a scene there is only the ground. */
export function paintLanes(
  context: CanvasRenderingContext2D,
  scene: Scene | undefined,
  { theme, palette, labels }: LanePaint,
): void {
  const { canvas } = context;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (!scene) return;
  labels.begin(context, scene.size);
  drawGround(context, scene, cssOf(mixColors(theme.background, theme.foreground, 0.07)));
  drawSlices(context, scene, labels);
  drawGaps(context, scene, labels);
  drawCounters(context, scene, theme);
}
