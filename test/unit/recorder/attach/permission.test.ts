import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { build } from 'esbuild';
import { failureText } from '../../../../src/cli/failureText';
import { denialOf, type PermissionFacts, permissionFacts } from '../../../../src/recorder/attach/permission';
import { readPtraceRights } from '../../../../src/recorder/preflight/ptraceRights';
import { type DenialCause, denialCauses, denialSentence } from '../../../../src/shared/attachDenials';
import { PyrolensError } from '../../../../src/shared/failures';
import { python, temporaryFolder } from '../launcherRig';
import { endServers, serve } from './attachRig';

const refused: PermissionFacts = {
  platform: 'linux',
  isReadable: false,
  uid: 1000,
  targetUid: 1000,
  ptraceScope: undefined,
  hasPtraceRight: false,
  canHavePtraceRight: true,
};
const container = { canHavePtraceRight: false };

describe('why a process may not be looked at', () => {
  const cases: [string, Partial<PermissionFacts>, DenialCause | undefined][] = [
    ['nothing', { isReadable: true, ptraceScope: 1 }, undefined],
    ['a program that has opted in under Yama', { isReadable: true, ptraceScope: 1 }, undefined],
    ['Yama for children only', { ptraceScope: 1 }, 'yamaChildren'],
    ['Yama for administrators only', { ptraceScope: 2 }, 'yamaRoot'],
    ['Yama for nobody, also not for root', { ptraceScope: 3, uid: 0, hasPtraceRight: true }, 'yamaNever'],
    ['another user’s process', { targetUid: 33 }, 'otherUser'],
    ['another user’s process under Yama', { targetUid: 33, ptraceScope: 1 }, 'otherUser'],
    ['root in a container without the right', { uid: 0, targetUid: 0, ...container }, 'container'],
    ['Yama seen from a container', { ptraceScope: 1, ...container }, 'container'],
    ['another user’s process in a container', { targetUid: 33, ...container }, 'otherUser'],
    ['a process that hides its memory', {}, 'protected'],
    ['macOS without root', { platform: 'darwin', isReadable: true }, 'macRoot'],
    ['macOS as root', { platform: 'darwin', isReadable: true, uid: 0 }, undefined],
    ['Windows', { platform: 'win32', isReadable: true }, undefined],
  ];
  for (const [what, facts, cause] of cases) {
    it(`${what}: ${cause ?? 'allowed'}`, () => assert.equal(denialOf({ ...refused, ...facts }), cause));
  }

  it('is a sentence with the process, the cause and one thing to do', () => {
    for (const cause of denialCauses) {
      const facts = { cause, name: 'app.py', pid: '42', user: 'www-data' };
      const text = failureText(new PyrolensError('attachDenied', facts));
      assert.match(text, /app\.py \(process 42\)/);
      assert.match(text, /sudo|--cap-add|Run Pyrolens as|start the program with Pyrolens/);
      assert.doesNotMatch(text, /[{}]/);
    }
    assert.equal(denialSentence('something new'), denialSentence('protected'));
  });
});

describe('the kernel’s own answer', { skip: process.platform !== 'linux' }, () => {
  afterEach(endServers);
  it('lets us look at our own process', async () => {
    assert.equal(denialOf(await permissionFacts(process.pid)), undefined);
  });

  it('refuses another user’s process', { skip: process.getuid?.() !== 0 && 'needs root' }, async () => {
    const server = await serve([python]);
    const said = await askAs(['--reuid', '65534', '--regid', '65534', '--clear-groups'], server.pid);
    assert.equal(said.code, 'attachDenied');
    assert.deepEqual([said.facts.cause, said.facts.user], ['otherUser', 'root']);
    assert.equal(await server.answer(), 'served');
  });

  it('refuses root in a container without the right', async context => {
    if (process.getuid?.() !== 0 || !(await readPtraceRights()).hasPtraceRight) {
      return context.skip('needs root and CAP_SYS_PTRACE');
    }
    const server = await serve([python]);
    const said = await askAs(['--bounding-set', '-sys_ptrace'], server.pid);
    assert.equal(said.code, 'attachDenied');
    assert.equal(said.facts.cause, 'container');
    assert.equal(await server.answer(), 'served');
  });
});

/** What a process of these rights (`setpriv`) is told when it wants to attach. */
async function askAs(rights: readonly string[], pid: number) {
  const script = join(temporaryFolder('pyrolens-denied-'), 'ask.mjs');
  await build({
    stdin: {
      contents: `import { requireAttachable } from './src/recorder/attach/attachable';
requireAttachable(Number(process.argv[2])).then(() => console.log('{}'), error => console.log(JSON.stringify(error)));`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  chmodSync(dirname(script), 0o755);
  const words = [...rights, process.execPath, script, String(pid)];
  return JSON.parse(execFileSync('setpriv', words, { encoding: 'utf8', cwd: '/' }));
}
