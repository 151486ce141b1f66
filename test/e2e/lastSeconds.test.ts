import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until, untilValue } from '../helpers/until';
import type { Workbench } from '../helpers/workbench';
import { programs, startWorkbench, storedRuns, untilRecorded } from '../helpers/workbenchJourney';

describe('the last seconds of a program that goes on', () => {
  let workbench: Workbench;

  before(async () => {
    const settings = { 'pyrolens.tracer.lastSeconds': 5 };
    workbench = await startWorkbench({ folders: { work: programs }, settings });
  });
  after(() => workbench?.stop());

  const kept = () => storedRuns(workbench).filter(({ manifest }) => manifest.state === 'stopped');
  const isRecording = async () => (await workbench.statusTexts()).some(text => text.includes('is profiling'));
  const tabs = () => workbench.page.locator('.tab .label-name', { hasText: 'patient.py ·' }).count();

  it('become a profile by a key and from the status item, and at the end', async () => {
    await workbench.openFile(join(workbench.folders[0] ?? '', 'patient.py'));
    await workbench.runCommand('Pyrolens: Profile Current File, Keeping the Last Seconds');
    await until('the recording', isRecording, 60_000);
    await until('calls to keep', async () =>
      /Profiling [2-9] s/.test((await workbench.page.locator('.part.statusbar').allInnerTexts()).join()),
    );
    const [recording] = storedRuns(workbench);
    assert.equal(recording?.manifest.lastSeconds, 5);
    assert.equal(readdirSync(recording?.dir ?? '').filter(name => name.endsWith('.chunks')).length, 0);

    await workbench.page.keyboard.press('Control+Alt+k');
    await until('a kept run', () => kept().length === 1, 30_000);
    await until('its tab', async () => (await tabs()) === 1, 30_000);
    await workbench.screenshot('last-seconds-kept');
    assert.ok(await isRecording());

    await workbench.clickStatus('Profiling');
    await untilValue(
      'the menu',
      () => workbench.quickPickRows(),
      rows => rows.some(row => /Keep the Last/.test(row)),
    );
    await workbench.pick('Keep the Last Seconds');
    await until('a second one', () => kept().length === 2, 30_000);

    await workbench.typeInTerminal('');
    await untilRecorded(workbench);
    await until(
      'the end',
      () => storedRuns(workbench).some(({ manifest }) => manifest.state === 'ended'),
      30_000,
    );
    const ends = storedRuns(workbench).map(({ manifest, dir }) => [
      manifest.state,
      readdirSync(dir).some(isPart),
    ]);
    assert.deepEqual(ends.sort(), [
      ['ended', true],
      ['stopped', true],
      ['stopped', true],
    ]);
  });
});

function isPart(name: string): boolean {
  return name.endsWith('.chunks');
}
