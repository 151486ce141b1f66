import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Measurement } from '../../../../../src/server/analyze/measurement';
import { neighbours } from '../../../../../src/server/analyze/neighbours';
import { wholeRun } from '../../../../../src/server/analyze/selection';
import { parseParts } from '../../../../../src/server/parse';
import { DamagedBytes } from '../../../../../src/server/parse/bytes/byteReader';
import { MemorySource } from '../../../../../src/server/parse/bytes/byteSource';
import { readMarshal } from '../../../../../src/server/parse/pstats/marshal';
import { Slicer } from '../../../../../src/server/slicer';
import { localPythons } from '../../../../helpers/localPythons';

const script = `
import cProfile, json, marshal, pstats, sys
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def naïve():
    return sorted([fib(5), fib(6)])
profile = cProfile.Profile()
profile.runcall(naïve)
profile.dump_stats(sys.argv[1])
stats = pstats.Stats(sys.argv[1]).stats
print(json.dumps([[k[0], k[1], k[2], v[0], v[1], v[2], v[3], [[c[2], *n] for c, n in v[4].items()]] for k, v in stats.items()]))
`;

type Row = [
  string,
  number,
  string,
  number,
  number,
  number,
  number,
  [string, number, number, number, number][],
];

function parse(bytes: Uint8Array) {
  const context = { origins: { ownRoots: [] }, slicer: new Slicer(), sidecar: () => undefined };
  return parseParts([new MemorySource('calls-1.pstats', bytes)], context);
}

for (const python of localPythons()) {
  test(`cProfile's numbers under Python ${python.version} are those of pstats`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pyrolens-pstats-'));
    const path = join(folder, 'out.pstats');
    const rows: Row[] = JSON.parse(
      execFileSync(python.path, ['-c', script, path], {
        encoding: 'utf8',
      }),
    );
    const { profile, problems } = await parse(readFileSync(path));
    rmSync(folder, { recursive: true });
    assert.deepEqual(problems, []);
    const { functions, strings, calls } = profile;
    const found = rows.map(([file, line, name]) => {
      for (let func = 0; func < functions.length; func++) {
        const place = [functions.file[func] ?? 0, functions.name[func] ?? 0].map(id => strings[id]);
        if (place[0] === file && place[1] === name && functions.firstLine[func] === line) return func;
      }
      return -1;
    });
    rows.forEach(([, , , primitive, count, selfSeconds, totalSeconds, callers], index) => {
      const func = found[index] ?? -1;
      assert.equal(calls?.primitiveCallCount[func], primitive);
      assert.equal(calls?.callCount[func], count);
      assert.equal(calls?.selfNs[func], selfSeconds * 1e9);
      assert.equal(calls?.totalNs[func], totalSeconds * 1e9);
      const measured = new Measurement(profile, wholeRun);
      const edges = neighbours(profile, func, { subset: measured.subset, times: measured.times }).callers;
      const expected = callers.map(([name, calledCount]) => [name, calledCount]).sort();
      const actual = edges.map(edge => [strings[functions.name[edge.func] ?? 0], edge.callCount]).sort();
      assert.deepEqual(actual, expected);
    });
  });
}

test('bytes that are no pstats file are refused without harm', () => {
  const nested = new Uint8Array(1000).fill(0x28);
  assert.throws(() => readMarshal(nested), DamagedBytes);
  assert.throws(() => readMarshal(new Uint8Array([0x28, 0xff, 0xff, 0xff, 0x7f])), DamagedBytes);
  assert.throws(() => readMarshal(new Uint8Array([0x63, 0, 0, 0, 0])), DamagedBytes);
});

test('no bytes make the reader throw anything but its own error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async tail => {
      const bytes = new Uint8Array([0x7b, ...tail]);
      await parse(bytes);
    }),
    { numRuns: 2000 },
  );
});
