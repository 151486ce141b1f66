import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { depthFirst } from '../../../src/shared/depthFirst';
import { PyrolensError } from '../../../src/shared/failures';
import { keptSourceUri, readKeptSource, readKeptSourceUri } from '../../../src/shared/keptSource';
import { readManifest } from '../../../src/shared/manifest';
import { checkSettings, rateSettingOf, settingDefaults } from '../../../src/shared/settings';
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

/** A slab whose directory is this text. */
function slabOf(directory: string, arrayBytes = 64): ArrayBuffer {
  const text = new TextEncoder().encode(directory);
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const slab = new Uint8Array(start + arrayBytes);
  slab.set(encodeSlab(null).subarray(0, 4));
  new DataView(slab.buffer).setUint32(4, text.length, true);
  slab.set(text, 8);
  return slab.buffer;
}

test('a damaged directory of a slab is one clear error', () => {
  const odd = [
    '["Float64Array",4,1]',
    '["Float64Array",-8,1]',
    '["Float64Array",0,1e308]',
    '["Float64Array",0,-1]',
    '["Float64Array",0.5,1]',
    '["Float64Array",0,null]',
    '["Function",0,1]',
    '["constructor",0,1]',
    '["__proto__",0,1]',
    '[{},0,1]',
    '[]',
  ];
  assert.deepEqual(decodeSlab(slabOf('{"a":{"$":["Float64Array",8,2]}}')), { a: new Float64Array(2) });
  for (const marker of odd) {
    assert.throws(() => decodeSlab(slabOf(`{"a":{"$":${marker}}}`)), /^Error: slab /, marker);
  }
  for (const text of ['', '{', '\u0000']) assert.throws(() => decodeSlab(slabOf(text)), /^Error: slab /);
  for (const length of [2 ** 31 - 8, 2 ** 31, 2 ** 32 - 1]) {
    const slab = slabOf('{}');
    new DataView(slab).setUint32(4, length, true);
    assert.throws(() => decodeSlab(slab), /^Error: slab is cut off/);
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

test('the observer looks more often than what shares the program’s own time', () => {
  assert.equal(settingDefaults[rateSettingOf('observer')], 1000);
  for (const engine of ['bundled-sampler', 'py-spy', 'austin'] as const)
    assert.equal(settingDefaults[rateSettingOf(engine)], 100);
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

const manifest = {
  version: 1,
  id: 'run-1',
  name: 'app.py',
  engine: 'cprofile',
  script: '/app.py',
  cwd: '/',
  state: 'ended',
  command: ['app.py'],
  interpreter: { path: '/usr/bin/python3', version: '3.12.1' },
  startedAtMs: 1_700_000_000_000,
};

/** The manifest as it is read with one fact changed. */
function readWith(fact: string, value: unknown): unknown {
  const read = readManifest(JSON.stringify({ ...manifest, [fact]: value }));
  return typeof read === 'string' ? read : new Map<string, unknown>(Object.entries(read)).get(fact);
}

test('a manifest’s facts of the wrong sort are left out, above all those that signals and files depend on', () => {
  for (const pid of [-1, 0, 1.5, 2 ** 40, '1', null]) {
    assert.equal(readWith('programPid', pid), undefined);
    assert.equal(readWith('launcherPid', pid), undefined);
  }
  assert.equal(readWith('programPid', 42), 42);
  assert.equal(readWith('sources', { '/app.py': '../../../etc/passwd' }), undefined);
  const sources = { '/app.py': 'ab'.repeat(32), constructor: 'cd'.repeat(32) };
  assert.deepEqual(readWith('sources', sources), sources);
  assert.equal(readWith('startedAtMs', 'yesterday'), 0);
  assert.equal(readWith('engineVersion', {}), '');
  assert.equal(readWith('durationNs', -5), undefined);
  assert.deepEqual(readWith('interpreter', { path: 7 }), { path: '', version: '' });
  assert.match(String(readWith('command', [1])), /command is missing/);
  assert.match(String(readWith('state', 'constructor')), /state «constructor» is unknown/);
});

test('any damage to a manifest is a sentence or leaves facts of the right sort', () => {
  const values = [null, -1, 1e308, '', 'x', [], {}, [null], true];
  for (const key of Object.keys(manifest)) {
    for (const value of values) {
      const read = readManifest(JSON.stringify({ ...manifest, [key]: value }));
      if (typeof read === 'string') continue;
      assert.equal(typeof read.interpreter.version, 'string');
      assert.ok(Number.isFinite(read.startedAtMs) && typeof read.engineVersion === 'string');
      assert.ok(read.command.every(word => typeof word === 'string'));
    }
  }
});
