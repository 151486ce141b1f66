import { cssOf, mixColors } from '../../src/shared/colors';
import { firstEndingAfter } from '../canvas/rows';
import { positionOf } from '../canvas/viewport';
import type { Theme } from '../theme';
import { familyIndex } from './families';
import { loopLagOf } from './loopLag';
import { boxHeight, boxTop, rectOf, type Scene, visibleTracks } from './scene';

const memoryFamily = familyIndex('memory');

/** Paints what was counted over time, in the tracks that are in view. */
export function drawCounters(context: CanvasRenderingContext2D, scene: Scene, theme: Theme): void {
  const { from, to } = visibleTracks(scene);
  for (let track = from; track < to; track++) {
    const shown = scene.tracks[track];
    if (shown?.kind === 'loopLag') drawLag(context, scene, { track, theme });
    if (shown?.kind === 'readyQueue') drawReady(context, scene, { track, theme });
    if (shown?.kind !== 'machine') continue;
    drawCores(context, scene, { track, theme });
    drawPauses(context, scene, track);
  }
}

/** What was ready to run in the event loops. */
function drawReady(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { track, theme }: { track: number; theme: Theme },
): void {
  const { mostReady, counters } = scene.index.view;
  context.fillStyle = cssOf(mixColors(theme.background, theme.warning, 0.65));
  drawArea(context, scene, { track, most: mostReady, values: counters.readyCount });
}

/** Cores in use, against the most that were in use at any time. */
function drawCores(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { track, theme }: { track: number; theme: Theme },
): void {
  const { cpuCores, counters } = scene.index.view;
  const most = cpuCores.reduce((top, value) => Math.max(top, value), 0);
  context.fillStyle = cssOf(mixColors(theme.background, theme.ownCode, 0.6));
  drawArea(context, scene, { track, most, values: counters.cpuCores });
}

/** An area of values in equal bins over the part that the picture covers. */
function drawArea(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { track, most, values }: { track: number; most: number; values: Float32Array },
): void {
  const { startNs, endNs } = scene.index.view.counters;
  if (most <= 0 || values.length === 0) return;
  const { viewport, size } = scene;
  const height = boxHeight(size.ratio);
  const bottom = boxTop(scene, track) + height;
  const binNs = (endNs - startNs) / values.length;
  const xOf = (bin: number): number => positionOf(viewport, startNs + bin * binNs) * size.width;
  const from = Math.max(0, Math.floor((viewport.startNs - startNs) / binNs));
  const to = Math.min(values.length, Math.ceil((viewport.endNs - startNs) / binNs));
  context.beginPath();
  context.moveTo(xOf(from), bottom);
  for (let bin = from; bin < to; bin++) {
    const y = bottom - Math.min(1, (values[bin] ?? 0) / most) * height;
    context.lineTo(xOf(bin), y);
    context.lineTo(xOf(bin + 1), y);
  }
  context.lineTo(xOf(to), bottom);
  context.fill();
}

/** Garbage collections as thin marks. */
function drawPauses(context: CanvasRenderingContext2D, scene: Scene, track: number): void {
  const { startNs, durationNs } = scene.index.view.gcPauses;
  context.fillStyle = scene.palette.listed[memoryFamily]?.line ?? scene.palette.waiting;
  let drawnTo = -1;
  for (let pause = firstPause(scene); pause < startNs.length; pause++) {
    const start = startNs[pause] ?? 0;
    if (start > scene.viewport.endNs) return;
    const rect = rectOf(scene, track, { startNs: start, endNs: start + (durationNs[pause] ?? 0) });
    const width = Math.max(rect.width, Math.round(2 * scene.size.ratio));
    if (rect.x + width <= drawnTo) continue;
    context.fillRect(rect.x, rect.y, width, rect.height);
    drawnTo = rect.x + width;
  }
}

/** Pauses are in order, and one begins after another has ended: the first in view may have begun before. */
function firstPause({ index, viewport }: Scene): number {
  const { startNs } = index.view.gcPauses;
  return Math.max(0, firstEndingAfter(startNs, viewport.startNs, { from: 0, to: startNs.length }) - 1);
}

/** While a loop is stopped its lag grows, and falls when it goes on. */
function drawLag(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { track, theme }: { track: number; theme: Theme },
): void {
  if (!scene.gaps) return;
  const { stops, mostNs } = loopLagOf(scene.gaps);
  const { viewport, size } = scene;
  const height = boxHeight(size.ratio);
  const bottom = boxTop(scene, track) + height;
  const least = Math.max(2, Math.round(2 * size.ratio));
  context.fillStyle = cssOf(mixColors(theme.background, theme.error, 0.75));
  context.beginPath();
  for (const { startNs, endNs } of stops) {
    if (endNs <= viewport.startNs || startNs >= viewport.endNs) continue;
    const right = positionOf(viewport, endNs) * size.width;
    const left = Math.min(positionOf(viewport, startNs) * size.width, right - least);
    context.moveTo(left, bottom);
    context.lineTo(right, bottom - ((endNs - startNs) / mostNs) * height);
    context.lineTo(right, bottom);
  }
  context.fill();
}
