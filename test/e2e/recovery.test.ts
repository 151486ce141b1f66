import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { profile, programs, startWorkbench, storedRuns } from '../helpers/workbenchJourney';

describe('a crash of the language server', () => {
  let workbench: Workbench;
  before(async () => {
    // The numbers before the crash are to be the final ones.
    const settings = { 'pyrolens.live.enabled': false };
    workbench = await startWorkbench({ folders: { programs }, settings });
  });
  after(() => workbench?.stop());

  it('is survived: the numbers stay, hovers and views work again, nothing is said', async () => {
    await profile(workbench, join(workbench.folders[0] ?? '', 'crashes.py'));
    const before = await workbench.editor.labels();
    await workbench.runCommand('Notifications: Clear All Notifications');
    const killed = serverPid(workbench.server.pid);
    assert.ok(killed !== undefined, 'the server runs');
    process.kill(killed, 'SIGKILL');
    await untilValue(
      'another server',
      () => serverPid(workbench.server.pid),
      pid => pid !== undefined && pid !== killed,
    );
    await workbench.editor.focus();
    const hover = await workbench.editor.hover('sum(range(1000))', 'range', text => /samples/i.test(text));
    assert.match(hover, /samples/i);
    assert.deepEqual(await workbench.editor.labels(), before);
    assert.deepEqual(await workbench.notifications(), []);
    await until('lenses', async () => (await workbench.editor.lenses()).length > 0);
  });
});

describe('a window that is closed in the middle of a recording', () => {
  let workbench: Workbench;
  before(async () => {
    workbench = await startWorkbench({ folders: { programs } });
  });
  after(() => workbench?.stop());

  it('finds what was recorded when it is opened again, though the program was killed meanwhile', async () => {
    await workbench.openFile(join(workbench.folders[0] ?? '', 'patient.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    await until('a number', () => workbench.editor.label('sum(n * n'), 60_000);
    await workbench.page.goto('about:blank');
    const { manifest } = storedRuns(workbench)[0] ?? assert.fail('no run');
    process.kill(manifest.programPid ?? assert.fail('no program'), 'SIGKILL');
    await until('the end in the manifest', () => storedRuns(workbench)[0]?.manifest.state === 'ended');
    await workbench.open();
    const offer = await untilValue(
      'the offer',
      () => workbench.notifications(),
      texts => texts.some(text => /patient\.py ended while this window was closed/.test(text)),
      60_000,
    );
    assert.equal(offer.length, 1, offer.join());
    await workbench.screenshot('recovery-offer');
    await workbench.page.getByRole('button', { name: 'Show Profile' }).click();
    await workbench.result.untilPainted();
    const label = await until('the number', () => workbench.editor.label('sum(n * n'));
    assert.match(label.text, /\d/);
  });
});

/** The process of `dist/server.js` among the descendants of the workbench's own process. */
function serverPid(ancestor: number): number | undefined {
  const parents = new Map<number, { parent: number; command: string }>();
  for (const name of readdirSync('/proc').filter(entry => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      parents.set(Number(name), { parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8') });
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (pid: number): boolean => {
    const entry = parents.get(pid);
    return entry !== undefined && (entry.parent === ancestor || isBelow(entry.parent));
  };
  return [...parents].find(
    ([pid, { command }]) => /pyrolens[^\0]*server\.js/.test(command) && isBelow(pid),
  )?.[0];
}
