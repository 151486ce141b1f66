import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { depthFirst } from '../../../src/shared/depthFirst';
import { PyrolensError } from '../../../src/shared/failures';
import { keptSourceUri, readKeptSource, readKeptSourceUri } from '../../../src/shared/keptSource';
import { readManifest } from '../../../src/shared/manifest';
import { checkSettings, settingDefaults } from '../../../src/shared/settings';
import { decodeSlab, encodeSlab } from '../../../src/shared/slab';

test('a slab gives back what was put in, arrays as arrays', () => {
  const value = {
    a: Float64Array.of(1.5, -2),
    b: Int32Array.of(7),
    c: ['ä', ''],
    d: new Uint8Array(),
    e: null,
  };
  const slab = encodeSlab(value);
  assert.deepEqual(decodeSlab(slab.buffer as ArrayBuffer), value);
});

test('a cut or foreign slab is refused, never read past its end', () => {
  const slab = encodeSlab({ a: Float64Array.of(1, 2, 3) });
  for (let length = 0; length < slab.length; length++) {
    assert.throws(() => decodeSlab(slab.slice(0, length).buffer as ArrayBuffer), Error);
  }
});

test('failures keep their code across a process boundary', () => {
  const wire = { message: 'x', data: new PyrolensError('unreadableRun', { path: '/a' }).toWire() };
  assert.deepEqual(PyrolensError.from(wire).toWire(), { code: 'unreadableRun', facts: { path: '/a' } });
  assert.equal(PyrolensError.from({ code: 'ENOSPC' }).code, 'diskFull');
  assert.equal(PyrolensError.from({ code: 'EACCES' }).code, 'storageUnwritable');
  assert.equal(PyrolensError.from({ data: { code: 'made up' } }).code, 'internal');
  assert.equal(PyrolensError.from(undefined).code, 'internal');
});

test('settings of the wrong type or out of range are put right', () => {
  const checked = checkSettings(key =>
    key === 'sampler.rate' ? 99_999 : key === 'inline.tint' ? 'no' : undefined,
  );
  assert.deepEqual(checked, { ...settingDefaults, 'sampler.rate': 1000 });
});

test('a manifest that lacks something says what', () => {
  assert.match(String(readManifest('{')), /not JSON/);
  assert.match(String(readManifest('[]')), /not an object/);
  assert.match(String(readManifest('{"version": 9}')), /version is 9/);
  assert.match(String(readManifest('{"version": 1}')), /«id»/);
});

test('URIs of kept sources survive any path', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (recordedPath, runId) => {
      const source = {
        runId: encodeURIComponent(runId),
        runDir: '/runs/ü x',
        sha256: 'f'.repeat(64),
        recordedPath,
      };
      assert.deepEqual(readKeptSourceUri(keptSourceUri(source)), source);
    }),
  );
  assert.equal(readKeptSourceUri('file:///x.py'), undefined);
  assert.equal(readKeptSource({ path: '/r/../x', query: '{}' }), undefined);
});

test('depth-first order keeps parents, orders children by appearance and ends subtrees exactly', () => {
  const forest = fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 })
    .map(picks =>
      Int32Array.from(picks, (pick, index) => Math.min(Math.floor(pick * (index + 1)), index) - 1),
    );
  fc.assert(
    fc.property(forest, parents => {
      const { newIndex, parent, subtreeEnd, depth } = depthFirst(parents);
      assert.deepEqual(
        [...newIndex].sort((a, b) => a - b),
        [...parents.keys()],
      );
      parents.forEach((oldParent, old) => {
        const at = newIndex[old] ?? 0;
        const up = oldParent < 0 ? -1 : (newIndex[oldParent] ?? -1);
        assert.equal(parent[at], up);
        assert.equal(depth[at], up < 0 ? 0 : (depth[up] ?? 0) + 1);
        assert.ok(up < at);
        for (let below = at + 1; below < (subtreeEnd[at] ?? 0); below++)
          assert.ok((parent[below] ?? -1) >= at);
        const next = subtreeEnd[at] ?? 0;
        if (next < parents.length) assert.ok((parent[next] ?? -1) < at);
      });
    }),
  );
});
