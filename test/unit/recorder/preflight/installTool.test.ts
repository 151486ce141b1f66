import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { toolFolder } from '../../../../src/recorder/preflight/engineTools';
import { findTool } from '../../../../src/recorder/preflight/findTool';
import { installTool } from '../../../../src/recorder/preflight/installTool';
import type { ToolSearch } from '../../../../src/recorder/preflight/toolFinding';
import { type PythonFacts, probePython } from '../../../../src/recorder/pythonProbe';
import type { EngineName } from '../../../../src/shared/engines';
import { PyrolensError } from '../../../../src/shared/failures';
import { fillTemplate, preflightTexts, saidIn } from '../../../../src/shared/preflight';
import { localPythons } from '../../../helpers/localPythons';
import { installProfilers } from '../../../helpers/profilers.mjs';
import { temporaryFolder } from '../launcherRig';
import { somePython, writeProgram } from './toolRig';

const python = localPythons().find(({ version }) => ['3.11', '3.12', '3.10'].includes(version));
const skip =
  process.platform === 'win32' || python === undefined
    ? 'needs a shell and a Python from 3.10 to 3.12'
    : false;

/** An environment of its own, so that nobody's packages count; with pip or without. */
async function environmentOf(...options: string[]): Promise<PythonFacts> {
  const folder = join(temporaryFolder(), 'env');
  execFileSync(python?.path ?? '', ['-m', 'venv', ...options, folder], { stdio: 'pipe' });
  return probePython([join(folder, 'bin', 'python')]);
}

describe('installing a tool into our own folder', { skip }, () => {
  let withPip: PythonFacts;
  let withoutPip: PythonFacts;
  before(async () => {
    withPip = await environmentOf();
    withoutPip = await environmentOf('--without-pip');
  });

  function searchWith(facts: PythonFacts, environment: Readonly<Record<string, string>> = {}): ToolSearch {
    const inherited = { ...process.env, PATH: '/usr/bin:/bin' };
    return { python: facts, toolsDir: temporaryFolder(), environment: { ...inherited, ...environment } };
  }

  /** How the installation fails; nothing of it may stay. */
  async function failureOf(engine: EngineName, search: ToolSearch, options = {}) {
    const failure = await installTool(engine, search, options).then(
      tool => assert.fail(JSON.stringify(tool)),
      (error: unknown) => error,
    );
    assert.ok(failure instanceof PyrolensError && failure.code === 'installFailed', String(failure));
    assert.deepEqual(readdirSync(search.toolsDir), []);
    const said = saidIn(failure.facts);
    assert.doesNotMatch(fillTemplate(preflightTexts[said.text], said.facts), /[{}]/);
    return said;
  }

  it('makes py-spy usable, says what it does, and leaves the environment as it was', async () => {
    const search = searchWith(withPip, { PIP_USER: '1', PIP_REQUIRE_VIRTUALENV: '1' });
    const packages = () => execFileSync(withPip.executable, ['-m', 'pip', 'list'], { encoding: 'utf8' });
    const before = packages();
    const lines: string[] = [];
    const tool = await installTool('py-spy', search, { onLine: line => lines.push(line) });
    assert.equal(tool?.place, 'toolsFolder');
    assert.match(tool?.version ?? '', /^0\.[4-9]/);
    assert.ok(
      lines.some(line => /py-spy/i.test(line)),
      lines.join('\n'),
    );
    assert.deepEqual(await findTool('py-spy', search), tool);
    assert.deepEqual(readdirSync(search.toolsDir), [`py-spy-${process.arch}`]);
    assert.equal(packages(), before);
  });

  it('makes VizTracer importable for this version of the interpreter', async () => {
    const search = searchWith(withPip);
    const tool = await installTool('viztracer', search);
    assert.equal(tool?.pythonPath, toolFolder(search.toolsDir, 'viztracer', withPip));
    assert.deepEqual(tool?.command, [...withPip.command, '-m', 'viztracer']);
    const env = { ...process.env, PYTHONPATH: tool?.pythonPath };
    const [program = '', ...args] = tool?.command ?? [];
    assert.match(execFileSync(program, [...args, '--version'], { env, encoding: 'utf8' }), /\d+\.\d+/);
  });

  it('takes the older Austin where the newest does not run', async () => {
    const tool = await installTool('austin', searchWith(withPip));
    assert.match(tool?.version ?? '', /^[34]\./);
  });

  it('uses uv where there is no pip', async () => {
    const uv = installProfilers('uv');
    const search = searchWith(withoutPip, { PATH: `${uv}:/usr/bin:/bin` });
    const tool = await installTool('py-spy', search);
    assert.equal(tool?.place, 'toolsFolder');
  });

  it('replaces a tool that does not run any more', async () => {
    const search = searchWith(withPip);
    const folder = toolFolder(search.toolsDir, 'py-spy', withPip);
    writeProgram(join(folder, 'bin'), 'py-spy', 'exit 1');
    writeFileSync(join(folder, 'old'), '');
    assert.equal((await installTool('py-spy', search))?.state, 'ready');
    assert.ok(!existsSync(join(folder, 'old')));
    assert.equal(readdirSync(search.toolsDir).length, 1);
  });

  it('takes away what a killed installation has left', async () => {
    const search = searchWith(withoutPip);
    mkdirSync(join(search.toolsDir, 'py-spy-x64.partial-999999999-abcdef'));
    await failureOf('py-spy', search);
  });

  it('says that there is neither pip nor uv', async () => {
    const { text, facts } = await failureOf('py-spy', searchWith(withoutPip));
    assert.deepEqual([text, facts['python']], ['installNoPip', withoutPip.executable]);
  });

  it('says that the network is away', async () => {
    const search = searchWith(withPip, {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_CONFIG_FILE: '/dev/null',
    });
    assert.equal((await failureOf('py-spy', search)).text, 'installOffline');
  });

  it('says the same with uv', async () => {
    const env = {
      PATH: `${installProfilers('uv')}:/usr/bin:/bin`,
      UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple',
      UV_NO_CONFIG: '1',
      UV_NO_CACHE: '1',
      UV_HTTP_RETRIES: '0',
    };
    assert.equal((await failureOf('py-spy', searchWith(withoutPip, env))).text, 'installOffline');
  });

  it('says that the index has nothing that fits', async () => {
    const { text, facts } = await failureOf('memray', searchWith(withPip, { PIP_NO_INDEX: '1' }));
    assert.deepEqual([text, facts['version']], ['installNoWheel', withPip.version]);
  });

  /** Stands in for pip: whatever the interpreter is asked for, `script` answers. */
  const pipThat = (script: string) => {
    const path = writeProgram(
      temporaryFolder(),
      'python',
      `case "$*" in *--version*) exit 0;; esac\n${script}`,
    );
    return searchWith(somePython({ command: [path], executable: path }));
  };

  it('says that the disk is full, and what else pip says last', async () => {
    const full = "echo 'ERROR: Could not install packages: [Errno 28] No space left on device' >&2; exit 1";
    assert.equal((await failureOf('py-spy', pipThat(full))).text, 'installDiskFull');
    const odd = "echo 'ERROR: The moon is in the wrong house'; echo; echo 'see the log' ; exit 2";
    assert.deepEqual(
      (await failureOf('py-spy', pipThat(odd))).facts['reason'],
      'The moon is in the wrong house',
    );
  });

  it('keeps nothing that does not run when it is installed', async () => {
    const { text, facts } = await failureOf('py-spy', pipThat('mkdir bin; touch bin/py-spy'));
    assert.equal(text, 'installUnusable');
    assert.match(facts['reason'] ?? '', /EACCES/);
  });

  it('gives up after its time', async () => {
    const { text } = await failureOf('py-spy', pipThat('mkdir bin; sleep 600'), { timeoutMs: 400 });
    assert.equal(text, 'installTimedOut');
  });

  it('can be cancelled, and leaves nothing', async () => {
    const search = pipThat('mkdir bin; echo working; sleep 600');
    const cancellation = new AbortController();
    const onLine = () => cancellation.abort();
    assert.equal(await installTool('py-spy', search, { signal: cancellation.signal, onLine }), undefined);
    assert.deepEqual(readdirSync(search.toolsDir), []);
  });

  it('says that its folder cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, 'not a folder');
    const search = { ...searchWith(withPip), toolsDir: join(file, 'tools') };
    await assert.rejects(installTool('py-spy', search), (error: PyrolensError) => {
      assert.deepEqual([error.code, error.facts['text']], ['installFailed', 'installFailed']);
      return /ENOTDIR/.test(error.facts['reason'] ?? '');
    });
    assert.equal(readFileSync(file, 'utf8'), 'not a folder');
  });
});
