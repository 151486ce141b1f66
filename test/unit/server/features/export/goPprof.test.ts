/** What «go tool pprof» itself makes of our pprof files. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Profile } from '../../../../../src/shared/profile';
import { assertSameWeights, exportedBytes, trueWeights, type Weights } from '../../../../helpers/exports';
import { missingGo, pprofRaw, pprofTop } from '../../../../helpers/goTools.mjs';
import { fixtureBytes, parseBytes, profilesFolder } from '../../../../helpers/parsing';
import { type FlatAndCum, ownFlatAndCum, readRaw, readTops } from '../../../../helpers/pprofTexts';
import { profileOf, randomRun } from '../../../../helpers/randomRuns';
import { textProfile } from '../../../../helpers/textProfile';

const folder = mkdtempSync(join(tmpdir(), 'pyrolens-pprof-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(profile: Profile, name: string): string {
  const path = join(folder, `${name}.pb.gz`);
  writeFileSync(path, gzipSync(exportedBytes(profile, 'pprof')));
  return path;
}

/** The functions as pprof shows them when it is told nothing but the unit. */
function shown(profile: Profile, name: string): ReadonlyMap<string, FlatAndCum> {
  const [top] = readTops(pprofTop(write(profile, name), { unit: profile.info.unit })).values();
  return top ?? new Map();
}

/** Sums of every function over the stacks of all lanes; a function counts once in a stack. */
function flatAndCum(weights: Weights): Map<string, FlatAndCum> {
  const sums = new Map<string, FlatAndCum>();
  for (const [key, weight] of weights) {
    const path = key.slice(key.indexOf('|') + 1).split(';');
    for (const name of new Set(path)) {
      const { flat, cum } = sums.get(name) ?? { flat: 0, cum: 0 };
      sums.set(name, { flat: flat + (path.at(-1) === name ? weight : 0), cum: cum + weight });
    }
  }
  return sums;
}

const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe('go tool pprof', { skip: missingGo() ?? false }, () => {
  it('finds every stack of every lane with its weight, lines and labels', async () => {
    for (const [index, run] of fc.sample(randomRun, { numRuns: 5, seed: 7 }).entries()) {
      const profile = await profileOf(run);
      const raw = readRaw(pprofRaw(write(profile, `raw-${index}`)));
      const wall = raw.types.findIndex(({ isDefault }) => isDefault);
      assert.deepEqual(raw.types[wall], { name: 'wall', unit: 'nanoseconds', isDefault: true });
      const weights = new Map<string, number>();
      for (const { stack, labels, values } of raw.samples) {
        const lane = labels['task'] === undefined ? labels['thread'] : `task ${labels['task']}`;
        if (stack !== '')
          weights.set(`${lane}|${stack}`, (weights.get(`${lane}|${stack}`) ?? 0) + (values[wall] ?? 0));
      }
      assertSameWeights(weights, trueWeights(profile, { hasLines: true }));
    }
  });

  it('adds up the same flat and cumulative time of every function', async () => {
    for (const [index, run] of fc.sample(randomRun, { numRuns: 5, seed: 8 }).entries()) {
      const profile = await profileOf(run);
      const expected = flatAndCum(trueWeights(profile, { hasLines: false }));
      assert.deepEqual(sorted(shown(profile, `top-${index}`)), sorted(expected));
    }
  });

  for (const name of ['cpu', 'allocs', 'mutex', 'goroutine']) {
    it(`says of Go’s own ${name} profile what it said before we read and wrote it`, async () => {
      const { profile } = await parseBytes(fixtureBytes(`pprof/go-${name}.pprof`));
      const golden = readFileSync(join(profilesFolder, 'pprof', `go-${name}.golden.txt`), 'utf8');
      const type = profile.info.valueTypes[profile.info.valueType]?.name ?? name;
      const before = readTops(golden).get(type) ?? assert.fail(`no ${type} was recorded`);
      assert.deepEqual(sorted(shown(profile, name)), sorted(before));
    });
  }

  it('keeps the names of Python’s functions', async () => {
    const profile = await textProfile(`
      time      10        10        10
      <module>  <module>  <module>
      <lambda>  <genexpr> C.f.<locals>.<lambda>
    `);
    assert.deepEqual(sorted(shown(profile, 'names')), sorted(ownFlatAndCum(profile)));
  });
});
