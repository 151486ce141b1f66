import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Track, type TrackWish, trackOfLane, tracksOf } from '../../../../webview/gaps/tracks';
import { summaryOf, timelineOf } from './sampleViews';

const plain = { areAllTasksShown: false, hasLoopLag: false, gapNsOf: () => 0, pinned: [] };

function drawn(wish: Partial<TrackWish> & Pick<TrackWish, 'view' | 'summary'>): string[] {
  return tracksOf({ ...plain, ...wish }).tracks.map(nameOf);
}

function nameOf(track: Track): string {
  if (track.kind === 'lane') return `${track.isTask ? 'task' : 'lane'} ${track.lane}`;
  return track.kind === 'process' ? `process ${track.pid}` : track.kind;
}

test('loops and threads come first, then the tasks; one process has no heading', () => {
  const view = timelineOf(['thread', 'task', 'loop', 'thread'], []);
  const summary = summaryOf(['thread', 'task', 'thread', 'thread']);
  assert.deepEqual(drawn({ view, summary }), ['lane 2', 'lane 0', 'lane 3', 'task 1']);
});

test('several processes are parted, each with its number', () => {
  const view = timelineOf(['loop', 'thread', 'thread'], []);
  const summary = summaryOf(['thread', 'thread', 'thread'], { 1: { pid: 2 } });
  const expected = ['process 1', 'lane 0', 'lane 2', 'process 2', 'lane 1'];
  assert.deepEqual(drawn({ view, summary }), expected);
});

const many = ['loop', ...Array.from({ length: 30 }, () => 'task' as const)] as const;
const manyTasks = {
  view: timelineOf(many, []),
  summary: summaryOf(many.map(kind => (kind === 'task' ? 'task' : 'thread'))),
};

test('of many tasks the busiest twelve are drawn in the order of their lanes, and all when asked', () => {
  const shown = drawn(manyTasks);
  assert.equal(shown.length, 13);
  assert.deepEqual([shown[1], shown[12]], ['task 19', 'task 30']);
  assert.equal(drawn({ ...manyTasks, areAllTasksShown: true }).length, 31);
  const facts = tracksOf({ ...manyTasks, ...plain });
  assert.deepEqual([facts.taskCount, facts.hiddenTaskCount], [30, 18]);
});

test('a task with gaps goes before a busy one, and that of the chosen gap is always there', () => {
  assert.ok(drawn({ ...manyTasks, gapNsOf: lane => (lane === 2 ? 5e6 : 0) }).includes('task 2'));
  assert.ok(drawn({ ...manyTasks, pinned: [1] }).includes('task 1'));
  assert.ok(!drawn(manyTasks).includes('task 1'));
});

test('what was counted comes last, and is not there when nothing was', () => {
  const view = timelineOf(['thread'], []);
  const summary = summaryOf(['thread']);
  const pauses = { startNs: Float64Array.of(1), durationNs: Float64Array.of(1) };
  assert.deepEqual(drawn({ view, summary }), ['lane 0']);
  assert.deepEqual(drawn({ view: { ...view, gcPauses: pauses }, summary }), ['lane 0', 'machine']);
  const counted = { ...view, cpuCores: Float32Array.of(1), mostReady: 2 };
  const all = ['lane 0', 'loopLag', 'readyQueue', 'machine'];
  assert.deepEqual(drawn({ view: counted, summary, hasLoopLag: true }), all);
});

test('a lane is found by its number, and a hidden one is not', () => {
  const { tracks } = tracksOf({ ...manyTasks, ...plain });
  assert.equal(trackOfLane(tracks, 30), 12);
  assert.equal(trackOfLane(tracks, 1), -1);
  assert.equal(trackOfLane(tracks, -1), -1);
});
