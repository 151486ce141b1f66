import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readPtraceRights } from '../../../../src/recorder/preflight/ptraceRights';
import { temporaryFolder } from '../launcherRig';

/** A folder like `/proc` with these two files. */
function procWith(status: string, yama?: string): string {
  const proc = temporaryFolder('pyrolens-proc-');
  mkdirSync(join(proc, 'self'));
  writeFileSync(join(proc, 'self', 'status'), status);
  if (yama === undefined) return proc;
  mkdirSync(join(proc, 'sys', 'kernel', 'yama'), { recursive: true });
  writeFileSync(join(proc, 'sys', 'kernel', 'yama', 'ptrace_scope'), yama);
  return proc;
}

const masks = (effective: string, bounding: string) =>
  `Name:\tnode\nCapPrm:\t${effective}\nCapEff:\t${effective}\nCapBnd:\t${bounding}\n`;
const none = '0000000000000000';
const all = '000001ffffffffff';
/** What Docker gives unless told otherwise. */
const docker = '00000000a80425fb';

describe('the right to look into other processes', () => {
  const cases = [
    ['root', masks(all, all), '1\n', { ptraceScope: 1, hasPtraceRight: true, canHavePtraceRight: true }],
    ['a user', masks(none, all), '2\n', { ptraceScope: 2, hasPtraceRight: false, canHavePtraceRight: true }],
    [
      'a container',
      masks(docker, docker),
      '0\n',
      { ptraceScope: 0, hasPtraceRight: false, canHavePtraceRight: false },
    ],
    [
      'a kernel without Yama',
      masks(none, all),
      undefined,
      { ptraceScope: undefined, hasPtraceRight: false, canHavePtraceRight: true },
    ],
    [
      'that capability alone',
      masks('0000000000080000', '0000000000080000'),
      '3\n',
      { ptraceScope: 3, hasPtraceRight: true, canHavePtraceRight: true },
    ],
    [
      'texts that say nothing',
      'Name:\tnode\n',
      'x\n',
      { ptraceScope: undefined, hasPtraceRight: false, canHavePtraceRight: true },
    ],
  ] as const;
  for (const [who, status, yama, rights] of cases) {
    it(`is read for ${who}`, async () => {
      assert.deepEqual(await readPtraceRights(procWith(status, yama)), rights);
    });
  }

  it('is neither given nor ruled out where there is no /proc', async () => {
    const rights = await readPtraceRights(join(temporaryFolder('pyrolens-proc-'), 'none'));
    assert.deepEqual(rights, { ptraceScope: undefined, hasPtraceRight: false, canHavePtraceRight: true });
  });
});
