import { familyAt, familyLooks } from './families';
import { type Gap, gapsIn, groupOf, readGap } from './gapIndex';
import type { GapStyle } from './gapPalette';
import { gapLabels } from './gapTexts';
import { hatchPattern } from './hatches';
import type { LabelWriter } from './labelWriter';
import { boxTop, type Rect, rectOf, type Scene, trackPitch, visibleTracks } from './scene';

/** Gaps that are painted alike. */
interface Bucket {
  readonly style: GapStyle;
  readonly family: number;
  readonly wide: Rect[];
  readonly narrow: Rect[];
}

/** Narrower gaps are a plain mark: a hatch would not be seen. */
const hatchedFromPx = 4;

/** Paints the gaps over what the lanes did: per family a ground, a hatch and an outline, then the words. */
export function drawGaps(context: CanvasRenderingContext2D, scene: Scene, labels: LabelWriter): void {
  const buckets = new Map<number, Bucket>();
  const { from, to } = visibleTracks(scene);
  for (let track = from; track < to; track++) collectTrack(scene, track, { buckets, labels });
  for (const bucket of buckets.values()) paintBucket(context, scene, bucket);
  labels.paint();
}

function collectTrack(
  scene: Scene,
  track: number,
  into: { buckets: Map<number, Bucket>; labels: LabelWriter },
): void {
  const shown = scene.tracks[track];
  if (shown?.kind !== 'lane' || !scene.gaps) return;
  const { startNs, endNs } = scene.gaps.view.gaps;
  const { viewport, size } = scene;
  const scale = size.width / (viewport.endNs - viewport.startNs);
  let drawnTo = -1;
  for (const index of gapsIn(scene.gaps, shown.lane, viewport)) {
    // From afar most of a hundred thousand gaps lie where one was drawn: they must cost next to nothing.
    const end = endNs[index] ?? 0;
    const isNarrow = (end - (startNs[index] ?? 0)) * scale <= 1;
    if (isNarrow && (end - viewport.startNs) * scale <= drawnTo - 1) continue;
    const gap = readGap(scene.gaps, index);
    if (!gap) continue;
    const rect = rectOf(scene, track, gap);
    if (rect.width <= 2 && rect.x + rect.width <= drawnTo) continue;
    drawnTo = rect.x + Math.max(2, rect.width);
    addGap(scene, gap, { ...into, rect });
  }
}

function addGap(
  scene: Scene,
  gap: Gap,
  into: { buckets: Map<number, Bucket>; labels: LabelWriter; rect: Rect },
): void {
  const isListed = gap.group >= 0;
  const style = (isListed ? scene.palette.listed : scene.palette.faint)[gap.family];
  if (!style || !scene.gaps) return;
  const group = groupOf(scene.gaps, gap);
  if (!gap.isBenign) {
    const key = gap.family * 2 + Number(isListed);
    let bucket = into.buckets.get(key);
    if (!bucket) {
      bucket = { style, family: gap.family, wide: [], narrow: [] };
      into.buckets.set(key, bucket);
    }
    const isWide = into.rect.width >= hatchedFromPx * scene.size.ratio;
    (isWide ? bucket.wide : bucket.narrow).push(into.rect);
  }
  if (!into.labels.hasRoom(into.rect.width)) return;
  const color = gap.isBenign ? scene.palette.dimText : style.text;
  into.labels.addFirstFitting(gapLabels(scene.strings, gap, group), into.rect, {
    color,
    ground: gap.isBenign ? scene.palette.background : style.fill,
  });
}

function paintBucket(context: CanvasRenderingContext2D, scene: Scene, bucket: Bucket): void {
  const { style, wide, narrow } = bucket;
  const { viewport, size } = scene;
  context.fillStyle = style.fill;
  for (const { x, y, width, height } of wide) context.fillRect(x, y, width, height);
  const shiftPx = -(viewport.startNs / (viewport.endNs - viewport.startNs)) * size.width;
  const { hatch } = familyLooks[familyAt(bucket.family)];
  const pattern = hatchPattern(context, hatch, { color: style.hatch, ratio: size.ratio, shiftPx });
  if (pattern) context.fillStyle = pattern;
  for (const { x, y, width, height } of wide) context.fillRect(x, y, width, height);
  context.fillStyle = style.line;
  for (const { x, y, width, height } of narrow) context.fillRect(x, y, Math.max(width, size.ratio), height);
  outline(context, bucket, size.ratio);
}

function outline(context: CanvasRenderingContext2D, { style, wide }: Bucket, ratio: number): void {
  const line = Math.max(1, Math.round(ratio));
  context.strokeStyle = style.line;
  context.lineWidth = line;
  context.beginPath();
  for (const { x, y, width, height } of wide)
    context.rect(x + line / 2, y + line / 2, width - line, height - line);
  context.stroke();
}

/** Lines between processes and below the last track. */
export function drawGround(context: CanvasRenderingContext2D, scene: Scene, line: string): void {
  const { from, to } = visibleTracks(scene);
  const pitch = trackPitch(scene.size.ratio);
  const hairline = Math.max(1, Math.round(scene.size.ratio));
  context.fillStyle = line;
  for (let track = from; track < to; track++) {
    const top = boxTop(scene, track) - Math.round(2 * scene.size.ratio);
    context.fillRect(0, top + pitch - hairline, scene.size.width, hairline);
  }
}
