import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type LocalPython, localPythons } from '../helpers/localPythons';
import { packageStub } from '../helpers/stubExtension';
import { until, untilValue } from '../helpers/until';
import { Workbench } from '../helpers/workbench';
import { changeExtensions } from '../helpers/workbenchExtensions';
import { storedRuns, untilRecorded } from '../helpers/workbenchJourney';

const stubs = join(process.cwd(), 'test', 'e2e', 'stubs');
const pythons = localPythons();
const skip =
  pythons.length < 3 &&
  `needs three Pythons of different versions from 3.9 on, here: ${pythons.map(({ version }) => version).join(', ') || 'none'}`;

/** Who may name an interpreter, best first; each has a virtual environment of that name from another Python. */
const sources = ['environments', 'classic', 'setting', '.venv', 'path'] as const;
type Source = (typeof sources)[number];

/** What the stub extensions answer. */
interface Answers {
  readonly environments?: {
    readonly environmentPath?: string;
    readonly run?: { readonly executable: string; readonly args?: readonly string[] };
    readonly isStuck?: boolean;
  };
  readonly python?: { readonly folder?: string; readonly executable?: string };
}

/** What the program wrote about the interpreter that ran it. */
interface RanBy {
  readonly prefix: string;
  readonly version: string;
  readonly wrapper: string | null;
}

describe('the interpreter that runs a file', { skip }, () => {
  let workbench: Workbench;
  let home = '';
  let settingsInUse = '';
  const pythonOf = (source: Source) => join(home, source, 'bin', 'python');
  const folder = () => workbench.folders[0] ?? '';
  const venv = () => join(folder(), '.venv');
  const classicChoice = () => ({ folder: join(home, 'classic'), executable: pythonOf('classic') });
  const environmentsChoice = (...args: string[]) => {
    const command = [...args, pythonOf('environments')];
    const run = { executable: command[0] ?? '', args: command.slice(1) };
    return { environmentPath: pythonOf('environments'), run };
  };

  before(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'pyrolens-interpreters-')));
    for (const source of sources) if (source !== '.venv') makeEnvironment(source, join(home, source));
    answer({});
    const settings = { 'pyrolens.python': pythonOf('setting') };
    settingsInUse = JSON.stringify(settings);
    workbench = await Workbench.start({
      vsixes: [process.env['PYROLENS_VSIX'] ?? '', packageStub('python')],
      folders: { program: join(stubs, 'program') },
      settings,
      env: environmentVariables(home),
    });
    makeEnvironment('.venv', venv());
  });
  after(async () => {
    await workbench?.stop();
    if (home) rmSync(home, { recursive: true, force: true });
  });
  /** What the stub extensions answer from now on. */
  function answer(answers: Answers): void {
    writeFileSync(join(home, 'answers.json'), JSON.stringify(answers));
  }

  /** The window is loaded anew, so that the settings hold for certain and the extensions have read them. */
  async function useSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    const text = JSON.stringify(settings);
    if (text === settingsInUse) return;
    workbench.server.writeSettings(settings);
    settingsInUse = text;
    await workbench.reload();
  }

  /** Profiles the program and asserts which interpreter really ran it, and that the run says the same. */
  async function assertRunBy(source: Source): Promise<RanBy> {
    const ranBy = await profileProgram();
    assert.equal(basename(ranBy.prefix), source);
    assert.ok(ranBy.version.startsWith(`${pythonFor(source).version}.`), ranBy.version);
    assert.equal(storedRuns(workbench)[0]?.manifest.interpreter.version, ranBy.version);
    return ranBy;
  }

  async function profileProgram(): Promise<RanBy> {
    const report = join(folder(), 'ran-by.json');
    rmSync(report, { force: true });
    const runCount = storedRuns(workbench).length;
    await workbench.openFile(join(folder(), 'who.py'));
    await workbench.runCommand('Pyrolens: Profile Current File');
    await untilValue(
      'the end of the run',
      () => storedRuns(workbench),
      runs => runs.length > runCount && runs[0]?.manifest.state === 'ended',
      60_000,
    );
    await untilRecorded(workbench);
    return JSON.parse(readFileSync(report, 'utf8')) as RanBy;
  }

  /** Runs «Select Python Interpreter» and answers what the stub extensions say they were asked for. */
  async function selectInterpreter(): Promise<string> {
    await workbench.openFile(join(folder(), 'who.py'));
    await workbench.runCommand('Pyrolens: Select Python Interpreter');
    const said = await until('a picker', async () =>
      (await workbench.notifications()).find(text => text.startsWith('Stub: ')),
    );
    await workbench.dismissNotifications();
    return said;
  }

  describe('with the Python extension', () => {
    it('is the one that the extension has chosen, before the setting', async () => {
      answer({ python: classicChoice() });
      await useSettings({ 'pyrolens.python': pythonOf('setting') });
      await assertRunBy('classic');
    });

    it('is the setting’s when the chosen environment has no Python in it', async () => {
      answer({ python: { folder: join(home, 'classic') } });
      await useSettings({ 'pyrolens.python': pythonOf('setting') });
      await assertRunBy('setting');
    });

    it('is the workspace’s .venv when nobody has chosen one', async () => {
      answer({});
      await useSettings({});
      await assertRunBy('.venv');
    });

    it('is the one on PATH when there is no .venv either', async () => {
      answer({});
      await useSettings({});
      renameSync(venv(), `${venv()}-away`);
      try {
        await assertRunBy('path');
      } finally {
        renameSync(`${venv()}-away`, venv());
      }
    });
  });

  describe('with the Python extension and the environments extension', () => {
    const isEnabled = { 'python.useEnvironmentsExtension': true };

    before(async () => {
      changeExtensions(workbench.server.home, '--install-extension', packageStub('environments'));
      await workbench.reload();
    });
    beforeEach(() => answer({ environments: environmentsChoice(), python: classicChoice() }));

    it('is the Python extension’s while the other one is installed but not enabled', async () => {
      await useSettings({});
      await assertRunBy('classic');
    });

    it('is the Python extension’s when the other one is turned off and exports nothing', async () => {
      await useSettings({ 'python.useEnvironmentsExtension': false });
      await assertRunBy('classic');
    });

    it('is the Python extension’s when the other one exports nothing although the workspace enables it', async () => {
      const workspaceSettings = join(folder(), '.vscode', 'settings.json');
      mkdirSync(join(workspaceSettings, '..'));
      writeFileSync(workspaceSettings, JSON.stringify(isEnabled));
      try {
        await useSettings({ 'python.useEnvironmentsExtension': false });
        await workbench.reload();
        await assertRunBy('classic');
        assert.doesNotMatch(workbench.server.productLog(), /could not say which interpreter/);
      } finally {
        rmSync(workspaceSettings);
      }
    });

    it('is the environments extension’s when that is enabled', async () => {
      await useSettings(isEnabled);
      await assertRunBy('environments');
    });

    it('is started through a wrapper that becomes the interpreter', async () => {
      answer({ environments: environmentsChoice('/usr/bin/env', 'WRAPPER=env'), python: classicChoice() });
      await useSettings(isEnabled);
      assert.equal((await assertRunBy('environments')).wrapper, 'env');
    });

    it('is started through a wrapper that stays its parent, and is measured behind it', async () => {
      const wrapper = ['/bin/sh', '-c', 'WRAPPER=sh "$@"; exit $?', 'sh'];
      answer({ environments: environmentsChoice(...wrapper), python: classicChoice() });
      await useSettings(isEnabled);
      await workbench.runCommand('Pyrolens: Clear');
      assert.equal((await assertRunBy('environments')).wrapper, 'sh');
      await until('numbers', () => workbench.editor.label('sum(range'));
    });

    it('is the Python extension’s when the environments extension cannot resolve its own', async () => {
      answer({ environments: { environmentPath: pythonOf('environments') }, python: classicChoice() });
      await useSettings(isEnabled);
      await assertRunBy('classic');
    });

    it('is the Python extension’s when the environments extension never answers', async () => {
      answer({ environments: { isStuck: true }, python: classicChoice() });
      await useSettings(isEnabled);
      await assertRunBy('classic');
    });

    it('is not waited for any longer when the user stops meanwhile', async () => {
      answer({ environments: { isStuck: true }, python: classicChoice() });
      await useSettings(isEnabled);
      const runCount = storedRuns(workbench).length;
      await workbench.openFile(join(folder(), 'who.py'));
      await workbench.runCommand('Pyrolens: Profile Current File');
      const isStarting = (text: string): boolean => text.includes('Starting who.py');
      const bar = async () => (await workbench.page.locator('.part.statusbar').allTextContents()).join();
      await untilValue('the start', bar, isStarting);
      await workbench.runCommand('Pyrolens: Stop Profiling');
      await untilValue('the end of it', bar, text => !isStarting(text));
      assert.equal(storedRuns(workbench).length, runCount);
    });

    it('is selected with the Python extension’s picker', async () => {
      await useSettings(isEnabled);
      assert.equal(await selectInterpreter(), 'Stub: python.setInterpreter');
    });
  });

  describe('with the environments extension alone, as in an editor without the Python extension', () => {
    before(async () => {
      changeExtensions(workbench.server.home, '--uninstall-extension', 'ms-python.python');
      workbench.server.writeSettings({});
      await workbench.reload();
    });
    beforeEach(() => answer({ environments: environmentsChoice() }));

    it('is that extension’s, although nobody has defined the setting that enables it', async () => {
      await assertRunBy('environments');
    });

    it('is selected with that extension’s picker', async () => {
      assert.equal(await selectInterpreter(), 'Stub: python-envs.set');
    });
  });
});

/** A login shell reads PATH anew when the workbench starts, so it must find the same one. */
function environmentVariables(home: string): Record<string, string> {
  const path = `${join(home, 'path', 'bin')}${delimiter}${process.env['PATH']}`;
  writeFileSync(join(home, '.profile'), `export PATH='${path}'\n`);
  const none = join(home, 'none');
  // Whoever runs the tests may have activated an environment.
  return {
    PYROLENS_STUB_ANSWERS: join(home, 'answers.json'),
    ...{ HOME: home, SHELL: '/bin/sh', PATH: path },
    ...{ VIRTUAL_ENV: none, CONDA_PREFIX: none },
  };
}

/** Sources next to each other have different Pythons as long as there are two. */
function pythonFor(source: Source): LocalPython {
  const python = pythons[sources.indexOf(source) % pythons.length];
  if (python === undefined) throw new Error('There is no Python.');
  return python;
}

function makeEnvironment(source: Source, path: string): void {
  execFileSync(pythonFor(source).path, ['-m', 'venv', '--without-pip', path], { stdio: 'pipe' });
}
