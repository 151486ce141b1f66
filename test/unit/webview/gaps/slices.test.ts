import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseColor } from '../../../../src/shared/colors';
import { frameColors } from '../../../../src/shared/frameColors';
import { paletteFrom } from '../../../../src/shared/framePalette';
import { panelStringsEnglish } from '../../../../src/shared/panelMessages';
import { gapPaletteOf } from '../../../../webview/gaps/gapPalette';
import { LabelWriter } from '../../../../webview/gaps/labelWriter';
import type { Scene } from '../../../../webview/gaps/scene';
import { firstSliceAfter, indexSlices, sliceAt } from '../../../../webview/gaps/sliceIndex';
import { drawSlices } from '../../../../webview/gaps/slicePainter';
import { type DrawnSlice, timelineOf } from './sampleViews';

const index = indexSlices(
  timelineOf(
    ['thread', 'thread', 'thread'],
    [
      [0, 0, 100, 'running'],
      [0, 100, 300, 'waiting'],
      [2, 50, 80, 'idle'],
    ],
  ),
);

test('slices are found by row and time, in a row without any too', () => {
  assert.deepEqual([...index.rowStart], [0, 2, 2, 3]);
  assert.equal(firstSliceAfter(index, 0, 100), 1);
  assert.equal(sliceAt(index, 0, { ns: 250, toleranceNs: 0 }), 1);
  assert.equal(sliceAt(index, 1, { ns: 250, toleranceNs: 50 }), -1);
  assert.equal(sliceAt(index, 2, { ns: 85, toleranceNs: 10 }), 2);
  assert.equal(sliceAt(index, 2, { ns: 95, toleranceNs: 10 }), -1);
});

const color = (text: string) => parseColor(text) ?? { red: 0, green: 0, blue: 0, alpha: 1 };
const dark = frameColors.dark;
const theme = {
  background: color(dark.background),
  foreground: color(dark.foreground),
  dimForeground: color(dark.foreground),
  gapFamilies: [],
  isHighContrast: false,
};

function sceneOf(slices: readonly DrawnSlice[], widthPx: number): Scene {
  const picture = indexSlices(timelineOf(['thread', 'thread'], slices));
  const lanes = [0, 1].map(lane => ({ kind: 'lane', row: lane, lane, isTask: false }) as const);
  return {
    index: picture,
    gaps: null,
    tracks: lanes,
    viewport: { startNs: 0, endNs: picture.view.totalNs, scrollTopPx: 0 },
    size: { width: widthPx, height: 44, ratio: 1 },
    frames: paletteFrom({ ...theme, kinds: dark.kinds.map(color), text: color(dark.text) }),
    palette: gapPaletteOf(theme),
    strings: panelStringsEnglish,
  };
}

/** A context that keeps what is painted: colour changes and rectangles. */
function recorder(): { context: CanvasRenderingContext2D; colors: string[]; rects: number[][] } {
  const colors: string[] = [];
  const rects: number[][] = [];
  const context = {
    set fillStyle(value: string) {
      colors.push(value);
    },
    fillRect: (...rect: number[]) => rects.push(rect),
    fillText: () => undefined,
    measureText: (text: string) => ({ width: text.length * 6 }),
  };
  return { context: context as unknown as CanvasRenderingContext2D, colors, rects };
}

function draw(scene: Scene): { colors: string[]; rects: number[][]; count: number } {
  const { context, colors, rects } = recorder();
  const labels = new LabelWriter('sans-serif');
  labels.begin(context, scene.size);
  return { colors, rects, count: drawSlices(context, scene, labels) };
}

test('twenty thousand slices cost a colour change per colour and a rectangle per two pixels at most', () => {
  const states = ['running', 'waiting'] as const;
  const slices = Array.from(
    { length: 20_000 },
    (_, at): DrawnSlice => [
      at < 10_000 ? 0 : 1,
      (at % 10_000) * 10,
      (at % 10_000) * 10 + 10,
      states[at % 2] ?? 'running',
    ],
  );
  const { colors, count } = draw(sceneOf(slices, 1000));
  assert.ok(count <= 1002, `${count} rectangles`);
  assert.ok(count >= 900, `${count} rectangles`);
  assert.ok(colors.length <= 3, `${colors.length} colours`);
});

test('slices stand where their time is, idle ones as a thin line', () => {
  const { rects } = draw(
    sceneOf(
      [
        [0, 0, 500, 'running'],
        [0, 500, 1000, 'idle'],
      ],
      100,
    ),
  );
  const fromLeft = rects.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  assert.deepEqual(fromLeft, [
    [0, 2, 49, 18],
    [50, 9, 49, 4],
  ]);
});

test('what lies outside of the part in view is not painted', () => {
  const scene = sceneOf(
    [
      [0, 0, 100, 'running'],
      [0, 400, 500, 'running'],
      [0, 900, 1000, 'running'],
    ],
    100,
  );
  const { rects } = draw({ ...scene, viewport: { startNs: 300, endNs: 600, scrollTopPx: 0 } });
  assert.deepEqual(rects, [[33, 2, 33, 18]]);
});
