import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityMap } from '../../../../src/server/analyze/lineMap';
import { lensTitle } from '../../../../src/server/features/codeLens';
import { type DocumentView, defLine } from '../../../../src/server/features/documentView';

const numbers = {
  totalNs: 1.84e9,
  selfNs: 0.31e9,
  waitNs: 0,
  cpuNs: null,
  sampleCount: 412,
  callCount: Number.NaN,
};

test('a lens says total, own time and samples, or calls where they were counted', () => {
  const sampled = { unit: 'nanoseconds', isTraced: false } as const;
  assert.equal(
    lensTitle(numbers, sampled, { isStale: false, gapCount: 0 }),
    '1.84 s total · 310 ms self · 412 samples',
  );
  assert.equal(
    lensTitle({ ...numbers, callCount: 1204 }, sampled, { isStale: false, gapCount: 1 }),
    '1.84 s total · 310 ms self · 1,204 calls · 1 gap',
  );
  assert.equal(
    lensTitle({ ...numbers, callCount: 1 }, sampled, { isStale: true, gapCount: 14 }),
    '1.84 s total · 310 ms self · 1 call · 14 gaps · edited since',
  );
});

function view(text: string | undefined): DocumentView {
  const lines = text?.split('\n');
  return { uri: '', file: 0, presentLines: lines ?? [], recordedLines: lines, map: identityMap };
}

test('a lens stands at the def, below decorators however long', () => {
  const text = ['@app.route(', '    "/x",', ')', '@cached', 'async def f():', '    pass'].join('\n');
  assert.equal(defLine(view(text), 'f', 1), 5);
  assert.equal(defLine(view('def g(): pass'), 'C.g', 1), 1);
});

test('code without a def has no lens', () => {
  assert.equal(defLine(view('x = 1'), '<module>', 1), undefined);
  assert.equal(defLine(view('f = lambda: 1'), '<lambda>', 1), undefined);
  assert.equal(defLine(view('class A:\n    def f(self): pass'), 'A', 1), undefined);
});

test('where the recorded text is unknown the first line stands for the def', () => {
  assert.equal(defLine(view(undefined), 'f', 7), 7);
});
