import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heatLevel, type LineLabel, labelLines, labelsInWindow } from '../../../src/host/lineLabels';
import { type LineTiming, waitKinds } from '../../../src/shared/api';

const secondNs = 1e9;

function timing(changes: Partial<LineTiming>): LineTiming {
  const share = changes.share ?? 0.31;
  return {
    line: 12,
    totalNs: share * 1.33 * secondNs,
    selfNs: 0,
    waitNs: 0,
    cpuNs: null,
    sampleCount: 40,
    share,
    shareError: 0.05,
    isStale: false,
    isDefinition: false,
    spans: [],
    waitKind: 'none',
    gap: null,
    ...changes,
  };
}

function label(changes: Partial<LineTiming>): LineLabel {
  const [made] = labelLines([timing(changes)], 0);
  assert.ok(made);
  return made;
}

describe('the label of a line', () => {
  it('says how long and which share', () => {
    assert.equal(label({ totalNs: 412e6, share: 0.31 }).text, '412 ms · 31%');
    assert.equal(label({ totalNs: 1.84e9, share: 0.004 }).text, '1.84 s · <1%');
  });

  it('says what it waited for when it spent most of its time waiting', () => {
    const waiting = label({ totalNs: 150e6, waitNs: 149e6, share: 0.03, waitKind: 'sleep' });
    assert.deepEqual([waiting.text, waiting.style, waiting.tone], ['‖ sleep 150 ms · 3%', 'wait', 'wait']);
    const computing = label({ totalNs: 150e6, waitNs: 10e6, waitKind: 'lock' });
    assert.equal(computing.style, 'heat4');
  });

  it('does not call a line waiting that only lacked a CPU now and then', () => {
    const starved = { totalNs: 100e6, waitNs: 80e6, waitKind: 'contention' } as const;
    assert.equal(label(starved).style, 'heat4');
    assert.equal(label({ ...starved, waitKind: 'unknown' }).text, '‖ waits 100 ms · 31%');
  });

  it('stays short for every kind of wait and every length of time', () => {
    for (const waitKind of waitKinds) {
      for (const totalNs of [999, 41_200, 3.33e6, 999e6, 59.9e9, 3599e9]) {
        const { text } = label({ totalNs, waitNs: waitKind === 'none' ? 0 : totalNs, waitKind });
        assert.ok(text.length <= 26, text);
      }
    }
  });

  it('fades when the line was edited, and shows neither tint nor ruler mark nor spans', () => {
    const spans = [{ startColumn: 1, endLine: 12, endColumn: 5, totalNs: 1e9 }];
    const stale = label({ totalNs: 412e6, isStale: true, spans, waitKind: 'sleep', waitNs: 412e6 });
    assert.equal(stale.text, '412 ms · edited since');
    assert.deepEqual([stale.style, stale.tone, stale.ruler, stale.spans], ['none', 'stale', 'none', []]);
  });

  it('is dimmed when too few samples stand behind it, not when calls were counted', () => {
    assert.equal(label({ sampleCount: 3 }).tone, 'thin');
    assert.equal(label({ sampleCount: 4 }).tone, 'hot');
    assert.equal(label({ sampleCount: 0, isDefinition: true }).tone, 'hot');
  });

  it('underlines the sub-expressions that matter', () => {
    const span = (totalNs: number) => ({ startColumn: 4, endLine: 12, endColumn: 9, totalNs });
    assert.deepEqual(label({ totalNs: 100, spans: [span(80), span(20)] }).spans, [span(80)]);
  });
});

describe('the scale', () => {
  it('is the same for every file: four levels by share', () => {
    assert.deepEqual(
      [0.006, 0.0249, 0.025, 0.0999, 0.1, 0.2999, 0.3, 1].map(heatLevel),
      [1, 1, 2, 2, 3, 3, 4, 4],
    );
  });

  it('saturates only the hottest level', () => {
    assert.equal(label({ share: 0.31 }).tone, 'hot');
    assert.equal(label({ share: 0.29 }).tone, 'cool');
  });

  it('leaves out what is below the threshold', () => {
    const timings = [timing({ line: 1, share: 0.0049 }), timing({ line: 2, share: 0.005 })];
    assert.deepEqual(
      labelLines(timings, 0.005).map(made => made.line),
      [2],
    );
  });
});

describe('labels in a window', () => {
  const labels = labelLines(
    [5, 10, 15, 20].map((line, index) => timing({ line, share: [0.1, 0.4, 0.2, 0.3][index] ?? 0 })),
    0,
  );

  it('are those of the visible lines', () => {
    const lines = labelsInWindow(
      labels,
      [
        { firstLine: 6, lastLine: 15 },
        { firstLine: 20, lastLine: 30 },
      ],
      10,
    );
    assert.deepEqual(
      lines.map(made => made.line),
      [10, 15, 20],
    );
  });

  it('are the hottest when there are too many, in line order', () => {
    const lines = labelsInWindow(labels, [{ firstLine: 1, lastLine: 99 }], 2);
    assert.deepEqual(
      lines.map(made => made.line),
      [10, 20],
    );
  });
});

it('a line that kept an event loop from running says so, when that is a good part of its time', () => {
  const gap = {
    title: 'Event loop blocked: sleep',
    isLoopBlocked: true,
    count: 24,
    totalNs: 149e6,
    longestNs: 9e6,
  };
  const sleeping = { totalNs: 150e6, waitNs: 149e6, share: 0.03, waitKind: 'sleep' as const };
  assert.equal(label({ ...sleeping, gap }).text, '‖ sleep 150 ms · 3% · blocks loop');
  assert.equal(label({ totalNs: 150e6, share: 0.3, gap }).text, '150 ms · 30% · blocks loop');
  assert.equal(label({ ...sleeping, gap: { ...gap, totalNs: 20e6 } }).text, '‖ sleep 150 ms · 3%');
  assert.equal(label({ ...sleeping, gap: { ...gap, isLoopBlocked: false } }).text, '‖ sleep 150 ms · 3%');
});
