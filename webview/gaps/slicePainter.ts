import { shadeCount, styleOf } from '../../src/shared/framePalette';
import { functionKinds } from '../../src/shared/profile';
import { sliceStates, type TimelineView } from '../../src/shared/views';
import { labelRoom } from './labelRoom';
import type { LabelWriter } from './labelWriter';
import { boxHeight, boxTop, type Scene, visibleTracks } from './scene';
import { firstSliceAfter } from './sliceIndex';

/** Slices of one look: x, y and width of each behind one another. */
interface Bucket {
  readonly fill: string;
  /** Colour of names, null for slices that carry none. */
  readonly text: string | null;
  readonly height: number;
  /** Down from the top of a box. */
  readonly shift: number;
  readonly rects: number[];
}

type State = (typeof sliceStates)[number];

/** What a frame is collected into. Buckets are found by a number: a frame of 20,000 slices makes no garbage. */
interface Collected {
  readonly buckets: (Bucket | undefined)[];
  readonly labels: LabelWriter;
}

/**
 * Paints what the lanes did, one pass per look. Slices narrower than a device pixel are drawn one wide and swallow
 * their neighbours, so that a frame never costs more than a rectangle per two pixels and track. Answers how many it
 * painted.
 */
export function drawSlices(context: CanvasRenderingContext2D, scene: Scene, labels: LabelWriter): number {
  const collected: Collected = { buckets: [], labels };
  const { from, to } = visibleTracks(scene);
  for (let track = from; track < to; track++) collectTrack(scene, track, collected);
  let count = 0;
  for (const bucket of collected.buckets) {
    if (!bucket) continue;
    const { fill, height, shift, rects } = bucket;
    context.fillStyle = fill;
    for (let at = 0; at < rects.length; at += 3) {
      context.fillRect(rects[at] ?? 0, (rects[at + 1] ?? 0) + shift, rects[at + 2] ?? 0, height);
    }
    count += rects.length / 3;
  }
  labels.paint();
  return count;
}

function collectTrack(scene: Scene, track: number, collected: Collected): void {
  const shown = scene.tracks[track];
  if (shown?.kind !== 'lane') return;
  const { index, viewport, size } = scene;
  const { startNs, endNs } = index.view.slices;
  const scale = size.width / (viewport.endNs - viewport.startNs);
  const y = boxTop(scene, track);
  const height = boxHeight(size.ratio);
  const hairline = Math.max(1, Math.round(size.ratio));
  const end = index.rowStart[shown.row + 1] ?? 0;
  let drawnTo = -1;
  for (let slice = firstSliceAfter(index, shown.row, viewport.startNs); slice < end; slice++) {
    const start = startNs[slice] ?? 0;
    if (start >= viewport.endNs) break;
    const left = Math.max(0, Math.round((start - viewport.startNs) * scale), drawnTo);
    const right = Math.min(size.width, Math.round(((endNs[slice] ?? 0) - viewport.startNs) * scale));
    if (right <= drawnTo) continue;
    const full = Math.max(1, right - left);
    drawnTo = left + Math.max(full, 2);
    const width = full > 3 * size.ratio ? full - hairline : full;
    const bucket = bucketOf(scene, slice, collected.buckets);
    bucket.rects.push(left, y, width);
    if (bucket.text === null || !collected.labels.hasRoom(width)) continue;
    const name = sliceName(index.view, slice);
    if (name === '') continue;
    const rect = { x: left, y, width, height };
    const room = labelRoom(scene, { track, lane: shown.lane, rect, leastPx: collected.labels.leastPx });
    if (room) collected.labels.addName(name, room, bucket.text);
  }
}

function bucketOf(scene: Scene, slice: number, buckets: (Bucket | undefined)[]): Bucket {
  const { slices } = scene.index.view;
  const state = slices.state[slice] ?? 0;
  const style = stylesOfState[sliceStates[state] ?? 'running'](scene, slice);
  const key = style * sliceStates.length + state;
  const known = buckets[key];
  if (known) return known;
  const made = makeBucket(scene, sliceStates[state] ?? 'running', style);
  buckets[key] = made;
  return made;
}

/** The frame's style of what works; idle and waiting slices look alike whatever they were in. */
const stylesOfState: Readonly<Record<State, (scene: Scene, slice: number) => number>> = {
  running: ({ index: { view } }, slice) => {
    const func = view.slices.func[slice] ?? -1;
    return styleOf({
      ...plain,
      kind: kindOf(view, func),
      shade: ((view.functions.id[func] ?? 0) * 7) % shadeCount,
    });
  },
  mixed: ({ index: { view } }, slice) =>
    styleOf({ ...plain, kind: kindOf(view, view.slices.func[slice] ?? -1), shade: shadeCount - 1 }),
  idle: () => 0,
  waiting: () => 0,
};
const plain = { isWaiting: false, isFaded: false };

function kindOf({ functions }: TimelineView, func: number): number {
  return func < 0 ? runtimeKind : Math.min(functions.kind[func] ?? 0, runtimeKind);
}
const runtimeKind = functionKinds.indexOf('runtime');

/** Idle is a thin line, so that work and waiting stand out. */
function makeBucket({ palette, frames, size }: Scene, state: State, style: number): Bucket {
  const height = boxHeight(size.ratio);
  const rects: number[] = [];
  if (state === 'waiting')
    return { fill: palette.waiting, text: palette.waitingText, height, shift: 0, rects };
  if (state === 'idle') {
    const thin = Math.round(4 * size.ratio);
    return { fill: palette.idle, text: null, height: thin, shift: Math.round((height - thin) / 2), rects };
  }
  const look = frames.styles[style];
  const text = state === 'mixed' ? null : (look?.text ?? null);
  return { fill: look?.fill ?? palette.waiting, text, height, shift: 0, rects };
}

/** Name of the function that a slice was in, empty when none is known. */
export function sliceName(view: TimelineView, slice: number): string {
  return view.functions.names[view.slices.func[slice] ?? -1] ?? '';
}
