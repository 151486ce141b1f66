import { gapsIn, readGap } from './gapIndex';
import { type Rect, rectOf, type Scene } from './scene';

/**
 * The first part of a slice's box that no gap lies over and that is wide enough for a name: a word that a gap covers in part
 * is none. Undefined when there is no such part.
 */
export function labelRoom(
  scene: Scene,
  at: { readonly track: number; readonly lane: number; readonly rect: Rect; readonly leastPx: number },
): Rect | undefined {
  const { rect, leastPx } = at;
  const end = rect.x + rect.width;
  let from = rect.x;
  for (const index of scene.gaps ? gapsIn(scene.gaps, at.lane, spanOf(scene, rect)) : []) {
    const gap = scene.gaps && readGap(scene.gaps, index);
    if (!gap || gap.isBenign) continue;
    const covered = rectOf(scene, at.track, gap);
    if (covered.x - from >= leastPx) return { ...rect, x: from, width: covered.x - from };
    from = Math.max(from, covered.x + covered.width);
  }
  return end - from >= leastPx ? { ...rect, x: from, width: end - from } : undefined;
}

function spanOf({ viewport, size }: Scene, { x, width }: Rect): { startNs: number; endNs: number } {
  const nsPerPx = (viewport.endNs - viewport.startNs) / size.width;
  return { startNs: viewport.startNs + x * nsPerPx, endNs: viewport.startNs + (x + width) * nsPerPx };
}
