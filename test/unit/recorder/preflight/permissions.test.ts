import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMachineFacts } from '../../../../src/recorder/preflight/machineFacts';
import { barrierTo, type MachineFacts, type Watched } from '../../../../src/recorder/preflight/permissions';
import type { PreflightTextKey } from '../../../../src/shared/preflight';
import { python } from '../launcherRig';

/** An unprivileged user on a Linux without Yama. */
const user: MachineFacts = {
  platform: 'linux',
  isRoot: false,
  ptraceScope: undefined,
  hasPtraceRight: false,
  canHavePtraceRight: true,
  childProbe: 'allowed',
};
const root = { isRoot: true, hasPtraceRight: true };
const container = { canHavePtraceRight: false };
const refused = { childProbe: 'refused' } as const;

type Barrier = PreflightTextKey | undefined;
const who: readonly Watched[] = ['launched', 'sameUser', 'otherUser'];

/** What the facts change in `user`, and the barriers to launched programs, the user's own, and those of others. */
const table: readonly (readonly [string, Partial<MachineFacts>, readonly [Barrier, Barrier, Barrier]])[] = [
  ['a user, no Yama', {}, [undefined, undefined, 'otherUser']],
  ['a user, Yama 0', { ptraceScope: 0 }, [undefined, undefined, 'otherUser']],
  ['a user, Yama 1', { ptraceScope: 1 }, [undefined, 'yamaStrangers', 'otherUser']],
  ['a user, Yama 2', { ptraceScope: 2, ...refused }, ['yamaAdmin', 'yamaAdmin', 'yamaAdmin']],
  ['root, Yama 1', { ptraceScope: 1, ...root }, [undefined, undefined, undefined]],
  ['root, Yama 2', { ptraceScope: 2, ...root }, [undefined, undefined, undefined]],
  ['root, Yama 3', { ptraceScope: 3, ...root, ...refused }, ['yamaOff', 'yamaOff', 'yamaOff']],
  [
    'root of a container without the right, Yama 1',
    { ptraceScope: 1, isRoot: true, ...container },
    [undefined, 'containerPtrace', 'containerPtrace'],
  ],
  [
    'a container whose filter refuses even a child',
    { isRoot: true, ...container, ...refused },
    ['containerPtrace', 'containerPtrace', 'containerPtrace'],
  ],
  ['a security profile', refused, ['ptraceRefused', 'ptraceRefused', 'ptraceRefused']],
  ['nothing known', { childProbe: 'unknown' }, [undefined, undefined, 'otherUser']],
  ['macOS, a user', { platform: 'darwin' }, ['macRoot', 'macRoot', 'macRoot']],
  ['macOS, root', { platform: 'darwin', ...root }, [undefined, undefined, undefined]],
  ['Windows', { platform: 'win32' }, [undefined, undefined, 'otherUser']],
];

describe('the permission to look into a program', () => {
  for (const [name, changes, barriers] of table) {
    it(`is decided for ${name}`, () => {
      assert.deepEqual(
        who.map(watched => barrierTo(watched, { ...user, ...changes })),
        barriers,
      );
    });
  }
});

describe('the facts about permissions', () => {
  it('hold what an attempt has shown, on Linux', { skip: process.platform !== 'linux' }, async () => {
    const facts = await readMachineFacts([python]);
    assert.equal(facts.platform, 'linux');
    assert.ok(['allowed', 'refused'].includes(facts.childProbe), 'the attempt gave an answer');
    if (facts.hasPtraceRight) assert.equal(facts.childProbe, 'allowed');
  });

  it('know nothing from an interpreter that does not run', async () => {
    assert.equal((await readMachineFacts(['/nowhere/python'])).childProbe, 'unknown');
  });
});
