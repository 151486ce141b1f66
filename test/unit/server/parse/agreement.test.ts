/**
 * One program recorded by every profiler (`test/fixtures/programs/agreement.py`, recorded by the scripts in
 * `test/fixtures/record`): all files must tell the same story, whatever their format.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Measurement } from '../../../../src/server/analyze/measurement';
import { wholeRun } from '../../../../src/server/analyze/selection';
import type { Profile } from '../../../../src/shared/profile';
import { fixtureBytes, functionShares, parseBytes, profilesFolder } from '../../../helpers/parsing';

/** What the program does by its own clock, and the lines of each function's body. */
const truth = [
  { name: 'half', share: 0.5, body: [11, 12] },
  { name: 'three_tenths', share: 0.3, body: [16, 17] },
  { name: 'two_tenths', share: 0.2, body: [21, 22] },
];

for (const name of readdirSync(join(profilesFolder, 'agreement'))) {
  test(`${name} gives the three functions their shares`, async () => {
    const { profile, problems } = await parseBytes(fixtureBytes(join('agreement', name)));
    assert.deepEqual(problems, []);
    const shares = functionShares(profile);
    const sum = truth.reduce((all, { name }) => all + (shares.get(name)?.total ?? 0), 0);
    for (const { name, share } of truth) {
      const found = (shares.get(name)?.total ?? 0) / sum;
      assert.ok(Math.abs(found - share) < 0.05, `${name}: ${found} instead of ${share}`);
    }
  });

  test(`${name} knows the lines that its format has`, async () => {
    const { profile } = await parseBytes(fixtureBytes(join('agreement', name)));
    for (const { name, body } of truth) {
      const lines = executingLines(profile, name);
      if (profile.info.lineMeaning !== 'executing') {
        assert.deepEqual(lines, []);
        continue;
      }
      assert.ok(lines.length > 0);
      for (const line of lines)
        assert.ok(body.includes(line) || line === (body[0] ?? 0) - 1, `${name}:${line}`);
    }
  });
}

/** The calls in `rounds`, line by line: what every recording with stacks and executing lines must agree on. */
const callLines = [
  { line: 28, share: 0.5 },
  { line: 29, share: 0.3 },
  { line: 30, share: 0.2 },
];

/** They know no caller's line: only definitions, only the innermost line, or no stacks. */
const withoutCallLines =
  /^(?:cprofile|viztracer|tracer|node\.cpuprofile|pyinstrument-(?:speedscope|json)|perf-script|tachyon\.(?:jsonl|pstats))/;

for (const name of readdirSync(join(profilesFolder, 'agreement')).filter(
  name => !withoutCallLines.test(name),
)) {
  test(`${name} agrees line by line`, async () => {
    const { profile } = await parseBytes(fixtureBytes(join('agreement', name)));
    const shares = lineShares(
      profile,
      callLines.map(({ line }) => line),
    );
    const sum = shares.reduce((all, share) => all + share, 0);
    callLines.forEach(({ line, share }, index) => {
      const found = (shares[index] ?? 0) / sum;
      assert.ok(Math.abs(found - share) < 0.05, `line ${line}: ${found} instead of ${share}`);
    });
  });
}

/** The weight of the lines of the program's own file. */
function lineShares(profile: Profile, lines: readonly number[]): number[] {
  const { items, total } = new Measurement(profile, wholeRun).lines;
  return lines.map(line => {
    for (let item = 0; item < items.length; item++) {
      const file = profile.strings[items.file[item] ?? -1] ?? '';
      if (items.line[item] === line && /agreement\.(?:py|js)$/.test(file)) return total.totalNs[item] ?? 0;
    }
    return 0;
  });
}

/** The lines at which a function of this name was seen, none where the format has only definitions. */
function executingLines({ info, frames, functions, strings }: Profile, name: string): number[] {
  if (info.lineMeaning !== 'executing') return [];
  const lines = new Set<number>();
  for (let frame = 0; frame < frames.length; frame++) {
    const func = frames.func[frame] ?? 0;
    if (strings[functions.name[func] ?? 0] === name && (frames.line[frame] ?? 0) > 0)
      lines.add(frames.line[frame] ?? 0);
  }
  return [...lines];
}
