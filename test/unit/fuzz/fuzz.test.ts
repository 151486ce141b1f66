import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fuzz, storeCases } from '../../fuzz/fuzz';

test('a crash, a hang, a waste of memory and a broken promise are found, made smaller and kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-fuzz-'));
  try {
    writeFileSync(join(folder, 'good'), new Uint8Array(200).fill(0x46, 0, 1));
    const { inputCount, cases } = await fuzz({
      workerEntry: join('test', 'fuzz', 'faultyWorker.ts'),
      seedFolder: folder,
      seed: 1,
      seconds: 12,
      report: () => undefined,
    });
    assert.ok(inputCount > 0);
    const kinds = new Set(cases.map(({ finding }) => finding.kind));
    assert.deepEqual([...kinds].sort(), ['crash', 'hang', 'invariant', 'memory']);
    const crash = cases.find(({ finding }) => finding.kind === 'crash');
    assert.match(crash?.finding.message ?? '', /an injected crash/);
    assert.ok((crash?.bytes.length ?? 200) < 20, 'the crash shows with fewer bytes');
    storeCases(join(folder, 'cases'), cases);
    assert.equal(readdirSync(join(folder, 'cases', 'faulty')).length, cases.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
