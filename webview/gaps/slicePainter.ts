import { shadeCount, styleOf } from '../../src/shared/framePalette';
import { sliceStates, type TimelineView } from '../../src/shared/views';
import type { LabelWriter } from './labelWriter';
import { boxHeight, boxTop, type Scene, visibleTracks } from './scene';
import { firstSliceAfter } from './sliceIndex';

/** Rectangles of one colour: x, y and width of each behind one another. */
interface Bucket {
  readonly fill: string;
  readonly height: number;
  /** Down from the top of a box. */
  readonly shift: number;
  readonly rects: number[];
}

type State = (typeof sliceStates)[number];

/**
 * Paints what the lanes did, one pass per colour. Slices narrower than a device pixel are drawn one wide and swallow
 * their neighbours, so that a frame never costs more than a rectangle per two pixels and track. Answers how many it
 * painted.
 */
export function drawSlices(context: CanvasRenderingContext2D, scene: Scene, labels: LabelWriter): number {
  const buckets = new Map<string, Bucket>();
  const { from, to } = visibleTracks(scene);
  for (let track = from; track < to; track++) collectTrack(scene, track, { buckets, labels });
  let count = 0;
  for (const { fill, height, shift, rects } of buckets.values()) {
    context.fillStyle = fill;
    for (let at = 0; at < rects.length; at += 3) {
      context.fillRect(rects[at] ?? 0, (rects[at + 1] ?? 0) + shift, rects[at + 2] ?? 0, height);
    }
    count += rects.length / 3;
  }
  labels.paint();
  return count;
}

function collectTrack(
  scene: Scene,
  track: number,
  into: { buckets: Map<string, Bucket>; labels: LabelWriter },
): void {
  const shown = scene.tracks[track];
  if (shown?.kind !== 'lane') return;
  const { index, viewport, size } = scene;
  const { startNs, endNs } = index.view.slices;
  const scale = size.width / (viewport.endNs - viewport.startNs);
  const y = boxTop(scene, track);
  const end = index.rowStart[shown.row + 1] ?? 0;
  let drawnTo = -1;
  for (let slice = firstSliceAfter(index, shown.row, viewport.startNs); slice < end; slice++) {
    const start = startNs[slice] ?? 0;
    if (start >= viewport.endNs) break;
    const left = Math.max(0, Math.round((start - viewport.startNs) * scale), drawnTo);
    const right = Math.min(size.width, Math.round(((endNs[slice] ?? 0) - viewport.startNs) * scale));
    if (right <= drawnTo) continue;
    const width = Math.max(1, right - left);
    drawnTo = left + Math.max(width, 2);
    const parted = width > 3 * size.ratio ? width - Math.max(1, Math.round(size.ratio)) : width;
    addSlice(scene, slice, { ...into, rect: { x: left, y, width: parted, height: boxHeight(size.ratio) } });
  }
}

function addSlice(
  scene: Scene,
  slice: number,
  into: {
    buckets: Map<string, Bucket>;
    labels: LabelWriter;
    rect: { x: number; y: number; width: number; height: number };
  },
): void {
  const { view } = scene.index;
  const state = sliceStates[view.slices.state[slice] ?? 0] ?? 'running';
  const paint = paintOf(scene, slice, state);
  const key = paint.fill + state;
  let bucket = into.buckets.get(key);
  if (!bucket) {
    bucket = bucketFor(paint.fill, state, scene.size.ratio);
    into.buckets.set(key, bucket);
  }
  bucket.rects.push(into.rect.x, into.rect.y, into.rect.width);
  if (paint.text === null || !into.labels.hasRoom(into.rect.width)) return;
  const text = sliceName(view, slice) || (state === 'waiting' ? scene.strings.sliceWaiting : '');
  if (text !== '') into.labels.addName(text, into.rect, paint.text);
}

/** Idle is a thin line, so that work and waiting stand out. */
function bucketFor(fill: string, state: State, ratio: number): Bucket {
  const height = boxHeight(ratio);
  if (state !== 'idle') return { fill, height, shift: 0, rects: [] };
  const thin = Math.round(4 * ratio);
  return { fill, height: thin, shift: Math.round((height - thin) / 2), rects: [] };
}

function paintOf(scene: Scene, slice: number, state: State): { fill: string; text: string | null } {
  const { palette, frames } = scene;
  if (state === 'idle') return { fill: palette.idle, text: null };
  if (state === 'waiting') return { fill: palette.waiting, text: palette.waitingText };
  const { slices, functions } = scene.index.view;
  const func = slices.func[slice] ?? -1;
  const facts = {
    kind: func < 0 ? 4 : Math.min(functions.kind[func] ?? 0, 4),
    shade: state === 'mixed' ? shadeCount - 1 : ((functions.id[func] ?? 0) * 7) % shadeCount,
    isWaiting: false,
    isFaded: false,
  };
  const style = frames.styles[styleOf(facts)];
  return { fill: style?.fill ?? palette.waiting, text: state === 'mixed' ? null : (style?.text ?? null) };
}

/** Name of the function that a slice was in, empty when none is known. */
export function sliceName(view: TimelineView, slice: number): string {
  return view.functions.names[view.slices.func[slice] ?? -1] ?? '';
}
