import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWaitingFunction, libraryWait } from '../../../../src/server/waits/libraryWaits';

test('the library functions that wait are known by file and name', () => {
  assert.equal(isWaitingFunction('Event.wait', '/usr/lib/python3.12/threading.py'), true);
  assert.equal(isWaitingFunction('wait', '/srv/app/orders.py'), false);
});

test('a file named as a member of every object is no table of waiting functions', () => {
  for (const file of ['constructor', '__proto__', 'toString'])
    assert.equal(isWaitingFunction('name', file), false);
});

test('tables, gaps and readers are told the same of one function', () => {
  assert.deepEqual(libraryWait('/usr/lib/python3.13/queue.py', 'Queue.get'), {
    kind: 'queue',
    gapClass: 'sync.queue.empty',
    waitsOnTop: true,
  });
});

test('a function that computes as well does not wait by standing on top of a stack', () => {
  assert.equal(libraryWait('ssl.py', 'SSLSocket.sendall')?.gapClass, 'io.net');
  assert.equal(isWaitingFunction('SSLSocket.sendall', 'ssl.py'), false);
});
