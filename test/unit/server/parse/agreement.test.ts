/**
 * One program recorded by every profiler (`test/fixtures/programs/agreement.py`, recorded by the scripts in
 * `test/fixtures/record`): all files must tell the same story, whatever their format.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
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
