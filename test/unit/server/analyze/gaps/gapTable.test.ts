import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGaps, findingGaps } from '../../../../../src/server/analyze/gaps/findGaps';
import type { Gap } from '../../../../../src/server/analyze/gaps/gap';
import { GapTable } from '../../../../../src/server/analyze/gaps/gapTable';
import { spanOrder } from '../../../../../src/server/analyze/gaps/spanOrder';
import { nthSmallest } from '../../../../../src/server/analyze/nthSmallest';
import { finished } from '../../../../../src/server/analyze/steps';
import { textProfile } from '../../../../helpers/textProfile';
import { lane, main, waits } from './drawnGaps';

const gap: Gap = {
  lane: 1,
  startNs: 5,
  endNs: 9,
  gapClass: 'task.ready_delay',
  isLoopBlocked: true,
  role: 'dependency',
  confidence: 'unknown',
  victimFrame: 3,
  holder: { lane: 2, frame: 7, share: 0.5 },
  cpuNs: Number.NaN,
  sampleCount: 4,
  task: 6,
  delayedTasks: 8,
  generation: 2,
  longestDelayNs: 10,
  stepCount: 11,
  handoff: { queueNs: 1, runNs: 2, moveNs: 3, bytes: 4 },
};
const { longestDelayNs: _1, stepCount: _2, handoff: _3, ...plain } = { ...gap, holder: undefined };

test('a table gives its gaps back as they were, however many they are and in whatever order they are picked', () => {
  const table = GapTable.of(
    Array.from({ length: 300 }, (_, at) => ({ ...(at % 2 ? gap : plain), lane: at })),
  );
  assert.deepEqual(table.at(299), { ...gap, lane: 299 });
  assert.deepEqual(table.at(298), { ...plain, lane: 298 });
  const { handoff } = gap;
  assert.deepEqual(table.rareAt(299), { held: {}, longestDelayNs: 10, stepCount: 11, handoff });
  assert.equal(table.rareAt(298), undefined);
  const picked = finished(table.picked(Int32Array.of(7, 4)));
  assert.deepEqual([...picked], [table.at(7), table.at(4)]);
});

test('spans of many lanes come in the order of their starts, then the longer, then the earlier lane', () => {
  const spans = Array.from({ length: 500 }, (_, at) => {
    const startNs = (at % 60) * 10 + (at % 7 === 0 ? 3 : 0);
    return { lane: Math.floor(at / 60), startNs, endNs: startNs + 5 + (at % 3) };
  });
  const order = finished(
    spanOrder({
      length: spans.length,
      lane: Int32Array.from(spans, span => span.lane),
      startNs: Float64Array.from(spans, span => span.startNs),
      endNs: Float64Array.from(spans, span => span.endNs),
    }),
  );
  const sorted = [...spans].sort((a, b) => a.startNs - b.startNs || b.endNs - a.endNs || a.lane - b.lane);
  assert.deepEqual(
    Array.from(order, at => spans[at]),
    sorted,
  );
});

test('gaps that are found step by step are those that are found at once', async () => {
  const napping = Array.from({ length: 40 }, (_, at) => waits(10, `nap[line:${(at % 3) + 1}]`));
  const profile = await textProfile([main(...napping), lane('lane other', napping)].join('\n'));
  const source = () => ['time.sleep(1)', 'orders.get()', 'x = 1'];
  const steps = findingGaps(profile, source);
  let stepCount = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) stepCount++;
  assert.ok(stepCount > 2);
  assert.deepEqual([...step.value.gaps], [...findGaps(profile, source).gaps]);
});

test('the n-th smallest value is where sorting would put it', () => {
  const values = Float64Array.from({ length: 101 }, (_, at) => (at * 37) % 23);
  const sorted = values.slice().sort();
  for (const place of [0, 1, 50, 99, 100]) assert.equal(nthSmallest(values.slice(), place), sorted[place]);
});
