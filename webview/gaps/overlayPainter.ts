import { cssOf } from '../../src/shared/colors';
import type { Range } from '../canvas/range';
import { positionOf } from '../canvas/viewport';
import type { Theme } from '../theme';
import { drawFlows } from './flowArrows';
import { type Gap, gapsIn, readGap } from './gapIndex';
import { boxTop, type Rect, rectOf, type Scene, trackPitch, visibleTracks } from './scene';
import { trackOfLane } from './tracks';

/** What is marked over the lanes. */
export interface Marks {
  /** The stretch that numbers are narrowed to, or that is being dragged out. */
  readonly range: Range | null;
  readonly chosenGroup: number;
  readonly chosen: Gap | undefined;
  readonly hovered: Rect | undefined;
  /** What is under the pointer, when it is a gap. */
  readonly hoveredGap: Gap | undefined;
  readonly hasFocus: boolean;
}

/**
 * Paints the selected range, the chosen gap with all of its group, who held it up, and what is under the pointer. Flows
 * are drawn for these gaps only: all of them would bury the lanes.
 */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  scene: Scene,
  paint: { theme: Theme; marks: Marks },
): void {
  const { theme, marks } = paint;
  const foreground = cssOf(theme.foreground);
  context.clearRect(0, 0, scene.size.width, scene.size.height);
  if (marks.range) shadeOutside(context, scene, { range: marks.range, theme });
  if (marks.chosenGroup >= 0) outlineGroup(context, scene, { group: marks.chosenGroup, color: foreground });
  if (marks.hovered) outline(context, marks.hovered, { color: foreground, line: pixels(scene, 1) });
  const accent = cssOf(theme.accent);
  if (marks.hoveredGap) drawFlows(context, scene, { gap: marks.hoveredGap, color: accent, linePx: 0.8 });
  if (!marks.chosen) return;
  const color = marks.hasFocus ? cssOf(theme.focus) : foreground;
  outlineHolder(context, scene, { gap: marks.chosen, color: accent });
  drawFlows(context, scene, { gap: marks.chosen, color: accent, linePx: 1.6 });
  const track = trackOfLane(scene.tracks, marks.chosen.lane);
  if (track >= 0 && isInView(scene, marks.chosen))
    outline(context, rectOf(scene, track, marks.chosen), { color, line: pixels(scene, 2) });
}

function pixels({ size }: Scene, cssPx: number): number {
  return Math.max(1, Math.round(cssPx * size.ratio));
}

function isInView({ viewport }: Scene, { startNs, endNs }: Range): boolean {
  return endNs > viewport.startNs && startNs < viewport.endNs;
}

function shadeOutside(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { range, theme }: { range: Range; theme: Theme },
): void {
  const { width, height } = scene.size;
  const left = Math.round(positionOf(scene.viewport, range.startNs) * width);
  const right = Math.round(positionOf(scene.viewport, range.endNs) * width);
  context.fillStyle = cssOf({ ...theme.background, alpha: 0.6 });
  if (left > 0) context.fillRect(0, 0, Math.min(left, width), height);
  if (right < width) context.fillRect(Math.max(0, right), 0, width - Math.max(0, right), height);
  context.fillStyle = cssOf(theme.accent);
  const line = pixels(scene, 1);
  context.fillRect(left - line, 0, line, height);
  context.fillRect(right, 0, line, height);
}

function outlineGroup(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { group, color }: { group: number; color: string },
): void {
  if (!scene.gaps) return;
  const { from, to } = visibleTracks(scene);
  for (let track = from; track < to; track++) {
    const shown = scene.tracks[track];
    if (shown?.kind !== 'lane') continue;
    for (const index of gapsIn(scene.gaps, shown.lane, scene.viewport)) {
      const gap = readGap(scene.gaps, index);
      if (gap?.group === group)
        outline(context, rectOf(scene, track, gap), { color, line: pixels(scene, 1) });
    }
  }
}

function outline(
  context: CanvasRenderingContext2D,
  rect: Rect,
  { color, line }: { color: string; line: number },
): void {
  context.strokeStyle = color;
  context.lineWidth = line;
  const width = Math.max(line + 1, rect.width);
  context.strokeRect(rect.x - line / 2, rect.y - line / 2, width + line, rect.height + line);
}

/** Outlines the lane that held the gap up. */
function outlineHolder(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { gap, color }: { gap: Gap; color: string },
): void {
  const holder = trackOfLane(scene.tracks, gap.holderLane);
  if (holder < 0 || gap.holderLane === gap.lane) return;
  const line = pixels(scene, 1);
  const top = boxTop(scene, holder) - pixels(scene, 2);
  const height = trackPitch(scene.size.ratio) - line * 2;
  context.strokeStyle = color;
  context.lineWidth = line;
  context.strokeRect(line / 2, top + line / 2, scene.size.width - line, height);
}
