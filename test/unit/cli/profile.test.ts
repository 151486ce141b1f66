import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { installProfilers } from '../../helpers/profilers.mjs';
import { buildCli } from './builtCli';

const folder = mkdtempSync(join(tmpdir(), 'pyrolens cli é '));
let cli = '';
const source = `import sys, time
def wait():
    time.sleep(0.4)
print("read", sys.stdin.readline().strip(), sys.argv[1:])
wait()
sys.exit(int(sys.argv[1]))
`;

before(async () => {
  cli = await buildCli(folder);
  writeFileSync(join(folder, 'my app.py'), source);
});
after(() => rmSync(folder, { recursive: true, force: true }));

function run(words: readonly string[], input = '', data = join(folder, 'data'), path = '') {
  const env = { ...process.env, XDG_DATA_HOME: data, PATH: `${path}${delimiter}${process.env['PATH']}` };
  return spawnSync(process.execPath, [cli, ...words], {
    cwd: folder,
    env,
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

describe('pyrolens profile', {
  skip: process.platform !== 'linux' && 'the data folder is set by XDG_DATA_HOME',
}, () => {
  it('runs the script as it is, then prints where its time went, and exits like it', () => {
    const { stdout, stderr, status } = run(['profile', 'my app.py', '3', 'a b'], 'input\n');
    assert.equal(status, 3, stdout + stderr);
    const [output, report] = stdout.split(/\n─+\n/);
    assert.equal(output?.trim(), "read input ['3', 'a b']");
    assert.match(report ?? '', /\d+ ms total +\d+ ms self +my app\.py:3 +time\.sleep\(0\.4\)/);
    assert.match(report ?? '', /sleep +my app\.py:3/);
    assert.match(report ?? '', /Kept in .*data\/pyrolens\/runs\//);
  });

  it('prints one object with --json, which «report» prints again', () => {
    const { stdout, status } = run(['profile', '--json', '--rate', '200', 'my app.py', '0'], 'x\n');
    assert.equal(status, 0);
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    const [hottest] = report.lines;
    assert.deepEqual([hottest.line, hottest.waitKind], [3, 'sleep']);
    assert.ok(hottest.selfNs > 0.3e9 && hottest.selfNs < 2e9, String(hottest.selfNs));
    assert.ok(report.functions.some((row: { name: string }) => row.name === 'wait'));
    assert.deepEqual(report.exit, { code: 0, signal: null });
    const again = JSON.parse(run(['report', 'last', '--json']).stdout);
    assert.deepEqual(again.lines, report.lines);
  });

  it('exports the run, and says why it cannot', () => {
    const { stdout, status } = run(['export', 'last', '--format', 'svg']);
    assert.equal(status, 0);
    assert.equal(stdout, 'Exported to my app.svg\n');
    assert.match(readFileSync(join(folder, 'my app.svg'), 'utf8'), /<title>wait \(my app\.py:2\)/);
    const refused = run(['export', 'last', '--format', 'pstats']);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /^The profile could not be exported to .*: the run was sampled: .*\.\n$/);
  });

  it('counts calls with cProfile', () => {
    const { stdout, status } = run(['profile', '--engine', 'cprofile', '--json', 'my app.py', '5'], 'x\n');
    assert.equal(status, 5);
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    assert.equal(report.functions.find((row: { name: string }) => row.name === 'wait').callCount, 1);
  });

  it('says why a tool measured nothing, with the program’s own exit code', () => {
    const tool = join(folder, 'tool.sh');
    writeFileSync(tool, '#!/bin/sh\necho "Error: not today"; exit 1\n', { mode: 0o755 });
    const words = ['profile', '--engine', 'py-spy', '--tool', tool, 'my app.py', '5'];
    const { status, stderr } = run(words, 'x\n', join(folder, 'other data'));
    assert.deepEqual(
      [status, stderr],
      [
        5,
        'my app.py was not measured. py-spy recorded nothing: not today. Leave --engine out to use the bundled sampler.\n',
      ],
    );
  });

  it('keeps the runs and lists them', () => {
    const runs = JSON.parse(run(['runs', '--json']).stdout);
    assert.equal(runs.length, 3);
    assert.ok(runs.every((entry: { state: string }) => entry.state === 'ended'));
    assert.match(run(['runs']).stdout, /my-app-[0-9a-f]{6} .* ms {2}my app\.py\n/);
    const [newest] = runs;
    assert.ok(readdirSync(join(newest.path, '..', 'sources')).length > 0, 'the measured source is kept');
  });

  it('keeps the run in a folder named from here, also of a program that goes elsewhere', () => {
    const code = 'import os, time; os.chdir("/"); time.sleep(0.3)';
    const { stdout, stderr, status } = run(['profile', '--runs', 'runs here', '--json', '-c', code]);
    assert.equal(status, 0, stderr);
    assert.ok(JSON.parse(stdout).path.startsWith(join(folder, 'runs here')));
  });

  it('ends without a word when nobody reads the rest of its output', async () => {
    const child = spawn(process.execPath, [cli, 'runs'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const said = text(child.stderr);
    const [status] = await once(child, 'close');
    assert.deepEqual([await said, status], ['', 0]);
  });

  it('says in one line what is wrong', () => {
    const missing = run(['profile', 'nowhere.py']);
    assert.deepEqual(
      [missing.status, missing.stderr],
      [
        2,
        `${join(folder, 'nowhere.py')} does not exist. Name a script, a module with -m, or a command that runs Python.\n`,
      ],
    );
    const noPython = run(['profile', '--python', '/nowhere/python', 'my app.py']);
    assert.equal(noPython.status, 2);
    assert.match(
      noPython.stderr,
      /^The Python interpreter \/nowhere\/python does not run: .*--python PATH\.\n$/,
    );
    const unwritable = run(['profile', 'my app.py'], '', join(folder, 'my app.py'));
    assert.match(unwritable.stderr, /^The profile cannot be written to .*\n$/);
    assert.equal(unwritable.status, 2);
  });
});

describe('a command that starts Python', {
  skip: process.platform !== 'linux' && 'commands are shell-less',
}, () => {
  const data = join(folder, 'data of commands');
  const profileOf = (words: readonly string[], path = '') => {
    const { stdout, stderr, status } = run(['record', '--json', ...words], 'x\n', data, path);
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    return {
      status,
      output: stdout,
      stderr,
      places: report.lines.map(({ file, line }: Place) => [file, line]),
    };
  };
  interface Place {
    readonly file: string;
    readonly line: number;
  }

  it('is an interpreter with its options', () => {
    const { status, output, places } = profileOf(['python3', '-X', 'utf8', 'my app.py', '6']);
    assert.equal(status, 6, output);
    assert.deepEqual(places[0], [join(folder, 'my app.py'), 3]);
  });

  it('is found on PATH, with the Python that its first line names', () => {
    const bin = mkdtempSync(join(folder, 'bin'));
    const body = source.replace('import sys, time', '#!/usr/bin/env python3\nimport sys, time');
    writeFileSync(join(bin, 'naptool'), body, { mode: 0o755 });
    const { status, places } = profileOf(['naptool', '7'], bin);
    assert.equal(status, 7);
    assert.deepEqual(places[0], [join(bin, 'naptool'), 4]);
  });

  it('may be a project’s own, whose module has another name, run by a tool that is Python itself', () => {
    const environment = join(folder, 'env');
    spawnSync('python3', ['-m', 'venv', '--without-pip', environment]);
    const python = join(environment, 'bin', 'python');
    const tool = join(environment, 'bin', 'till');
    // As installers write it for a Python in a folder with spaces.
    const head = `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\n`;
    writeFileSync(tool, head + source, { mode: 0o755 });
    const poetry = join(folder, 'poetry');
    const start = `import os, sys\npython = ${JSON.stringify(python)}\nos.execv(python, [python, *sys.argv[3:]])`;
    writeFileSync(poetry, `#!/usr/bin/env python3\n${start}\n`, { mode: 0o755 });
    const { status, output, stderr, places } = profileOf([poetry, 'run', 'till', '9']);
    assert.equal(status, 9, output + stderr);
    assert.deepEqual(places[0], [tool, 6]);
  });

  it('runs in the environment that uv makes of the script’s own metadata', () => {
    const script = join(folder, 'with metadata.py');
    const metadata = '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["iniconfig"]\n# ///\n';
    writeFileSync(script, `${metadata}import iniconfig\n${source}`);
    const { status, output, stderr, places } = profileOf(['uv', 'run', script, '8'], installProfilers('uv'));
    assert.equal(status, 8, output + stderr);
    assert.deepEqual(places[0], [script, 8]);
  });
});
