import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ItemTimes } from '../../../../src/server/analyze/itemTimes';
import { Measurement } from '../../../../src/server/analyze/measurement';
import { preparingFunctions, preparingLines } from '../../../../src/server/analyze/rangeSums';
import { wholeRun } from '../../../../src/server/analyze/selection';
import { finished } from '../../../../src/server/analyze/steps';
import { loadRun } from '../../../../src/server/runFolder';
import { Slicer } from '../../../../src/server/slicer';
import type { Profile } from '../../../../src/shared/profile';
import { writeBigRun } from '../../../bench/bigRun.mjs';

describe('a run whose sums were worked out beforehand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-range-sums-'));
  let plain: Profile;
  let prepared: Profile;

  before(async () => {
    const shape = { tickNs: 1_000_000, changeShare: 1, busyShare: 0.5 };
    const path = writeBigRun(join(folder, 'run'), 2e6, 3, shape);
    const load = async () => (await loadRun(path, { slicer: new Slicer(), ownRoots: ['/srv/app'] })).profile;
    [plain, prepared] = [await load(), await load()];
    finished(preparingFunctions(new Measurement(prepared, wholeRun)));
    finished(preparingLines(new Measurement(prepared, wholeRun)));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const share = (profile: Profile, at: number) => Math.round(profile.info.durationNs * at);
  for (const [name, from, to] of [
    ['the whole of it', 0, 0],
    ['most of it', 0.0313, 0.9871],
    ['a third of it', 0.2, 0.5333],
    ['a moment', 0.5, 0.5001],
  ] as const) {
    it(`has the same numbers by function and line as one without: ${name}`, () => {
      const tablesOf = (profile: Profile): ItemTimes[] => {
        const [rangeStartNs, rangeEndNs] = [share(profile, from), share(profile, to)];
        const measured = new Measurement(profile, { ...wholeRun, rangeStartNs, rangeEndNs });
        const functions = measured.functions();
        return [functions.total, functions.self, measured.lines.total, measured.lines.self];
      };
      assert.deepEqual(tablesOf(prepared), tablesOf(plain));
    });
  }
});
