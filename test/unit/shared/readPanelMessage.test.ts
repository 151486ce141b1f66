import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FromPanel } from '../../../src/shared/panelMessages';
import { readPanelMessage } from '../../../src/shared/readPanelMessage';

const range = { lane: -1, rangeStartNs: 0, rangeEndNs: 5 };
const window = { minWidthNs: 1, windowStartNs: 0, windowEndNs: 0 };
const good: readonly FromPanel[] = [
  { type: 'ready', isRestored: false },
  {
    type: 'view',
    id: 1,
    query: { kind: 'flame', order: 'timeOrder', ...range, ...window, ownCodeOnly: false },
  },
  { type: 'view', id: 2, query: { kind: 'functions', ...range, path: [1, 2], ownCodeOnly: true } },
  { type: 'view', id: 3, query: { kind: 'frame', func: 7, ...range } },
  { type: 'reveal', file: 3, line: 1, takeFocus: true },
  { type: 'select', selection: null },
  { type: 'select', selection: { runId: 'a', ...range, path: [], label: 'x' } },
  { type: 'cancel' },
  { type: 'valueType', valueType: 1 },
  { type: 'command', command: 'pyrolens.openProfile' },
];

test('every message of the webview is taken as it is', () => {
  for (const message of good) assert.equal(readPanelMessage(message), message);
});

test('what is no message is dropped', () => {
  for (const value of [null, undefined, 0, 'cancel', [], {}, { type: 'constructor' }, { type: ['cancel'] }]) {
    assert.equal(readPanelMessage(value), undefined);
  }
});

test('a message with a part of the wrong sort is dropped, on every level', () => {
  let count = 0;
  for (const message of good) {
    for (const damaged of damagedOf(message)) {
      assert.equal(readPanelMessage(damaged), undefined, JSON.stringify(damaged));
      count++;
    }
  }
  assert.ok(count > 40);
});

/** The message with each of its values in turn put in a text's or a number's place. */
function damagedOf(value: object): object[] {
  return Object.entries(value).flatMap(([key, part]) => {
    const wrong = typeof part === 'string' ? 7 : '7';
    const inner = typeof part === 'object' && part !== null ? damagedOf(part) : [];
    const isList = Array.isArray(value);
    const put = (item: unknown) =>
      isList ? value.map((old, at) => (String(at) === key ? item : old)) : { ...value, [key]: item };
    return [put(wrong), ...inner.map(put)];
  });
}
