import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWaitingFunction } from '../../../../../src/server/parse/model/waitingFunctions';

test('the library functions that wait are known by file and name', () => {
  assert.equal(isWaitingFunction('Event.wait', '/usr/lib/python3.12/threading.py'), true);
  assert.equal(isWaitingFunction('wait', '/srv/app/orders.py'), false);
});

test('a file named as a member of every object is no table of waiting functions', () => {
  for (const file of ['constructor', '__proto__', 'toString'])
    assert.equal(isWaitingFunction('name', file), false);
});
