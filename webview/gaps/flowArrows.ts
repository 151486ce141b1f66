import { positionOf } from '../canvas/viewport';
import { type Gap, groupOf } from './gapIndex';
import { boxTop, type Scene, trackPitch } from './scene';
import { trackOfLane } from './tracks';

/** A moment at which one lane let another one go on, or gave it something to do. */
export interface Flow {
  readonly fromLane: number;
  readonly toLane: number;
  readonly atNs: number;
  readonly kind: 'handOff' | 'wakeUp';
}

/** Whoever waits in these has handed the work over himself. */
const handOffClasses: ReadonlySet<string> = new Set([
  'task.await.executor',
  'task.await.task',
  'sync.future',
  'sync.join',
]);

/** What is known of who a gap waited for: the hand-off at its start, the wake-up at its end. */
export function flowsOf(scene: Pick<Scene, 'gaps'>, gap: Gap): Flow[] {
  if (!scene.gaps || gap.holderLane < 0 || gap.holderLane === gap.lane) return [];
  const wakeUp: Flow = { fromLane: gap.holderLane, toLane: gap.lane, atNs: gap.endNs, kind: 'wakeUp' };
  const classId = groupOf(scene.gaps, gap)?.classId ?? '';
  if (!handOffClasses.has(classId)) return [wakeUp];
  return [{ fromLane: gap.lane, toLane: gap.holderLane, atNs: gap.startNs, kind: 'handOff' }, wakeUp];
}

/** Draws the flows of a gap from lane to lane, as far as both lanes and the moment are in the picture. */
export function drawFlows(
  context: CanvasRenderingContext2D,
  scene: Scene,
  paint: { readonly gap: Gap; readonly color: string; readonly linePx: number },
): void {
  for (const { fromLane, toLane, atNs, kind } of flowsOf(scene, paint.gap)) {
    const [from, to] = [trackOfLane(scene.tracks, fromLane), trackOfLane(scene.tracks, toLane)];
    const isInView = atNs >= scene.viewport.startNs && atNs <= scene.viewport.endNs;
    if (from < 0 || to < 0 || !isInView) continue;
    const x = positionOf(scene.viewport, atNs) * scene.size.width;
    const reachPx = 22 * scene.size.ratio;
    // A hand-off leaves at its moment, a wake-up arrives at it.
    const [fromX, toX] = kind === 'handOff' ? [x, x + reachPx] : [x - reachPx, x];
    drawArrow(context, scene, { ...paint, from, to, fromX, toX });
  }
}

interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly fromX: number;
  readonly toX: number;
  readonly color: string;
  readonly linePx: number;
}

function drawArrow(context: CanvasRenderingContext2D, scene: Scene, arrow: Arrow): void {
  const { from, to, fromX, toX, color, linePx } = arrow;
  const unit = scene.size.ratio;
  const pitch = trackPitch(unit);
  const topOf = (track: number): number => boxTop(scene, track) - Math.round(2 * unit);
  const direction = Math.sign(to - from);
  const fromY = topOf(from) + pitch / 2;
  const toY = topOf(to) + pitch / 2;
  const back = direction * 6 * unit;
  const middleY = (fromY + toY) / 2;
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = linePx * unit;
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.bezierCurveTo(fromX, middleY, toX, middleY, toX, toY - back);
  context.stroke();
  context.beginPath();
  context.moveTo(toX, toY);
  context.lineTo(toX - 4 * unit, toY - back);
  context.lineTo(toX + 4 * unit, toY - back);
  context.fill();
}
