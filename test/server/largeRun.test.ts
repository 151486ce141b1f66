/** The built server with a run of a million samples: long work goes on beside what is asked for meanwhile. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { FlameQuery } from '../../src/shared/api';
import { writeBigRun } from '../bench/bigRun.mjs';
import { LspClient } from '../helpers/lspClient';
import { wholeFlame } from '../helpers/wholeQueries';

describe('while the gaps of a large run are being worked out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-large-run-'));
  let client: LspClient;
  let runId: string;

  before(async () => {
    const path = writeBigRun(join(folder, 'run'), 8e6, 1, { tickNs: 1e6, changeShare: 1, busyShare: 0.8 });
    client = await LspClient.start();
    ({ runId } = await client.request('openRun', { path }));
    await client.request('view', { runId, query: flame(0) });
  });
  after(async () => {
    assert.equal(await client.stop(), 0);
    rmSync(folder, { recursive: true, force: true });
  });

  const flame = (rangeStartNs: number): FlameQuery => ({
    ...wholeFlame,
    rangeStartNs,
    rangeEndNs: rangeStartNs + 1e9,
    minWidthNs: 1e6,
  });

  test('they can be cancelled, and flame graphs are answered before them, one after the other', async () => {
    const source = new CancellationTokenSource();
    const cancelled = client.request('view', { runId, query: { kind: 'gaps' } }, source.token);
    source.cancel();
    await assert.rejects(cancelled, { code: -32800 });

    let isWorkedOut = false;
    const gaps = client.request('view', { runId, query: { kind: 'gaps' } }).then(() => {
      isWorkedOut = true;
    });
    const answeredMeanwhile = [1e9, 2e9, 3e9];
    for (const startNs of answeredMeanwhile) {
      await client.request('view', { runId, query: flame(startNs) });
      assert.equal(isWorkedOut, false, `the flame graph from ${startNs} ns waited for the gaps`);
    }
    await gaps;
  });
});
