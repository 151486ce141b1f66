import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommandLine, usage } from '../../../src/cli/commandLine';
import { runsFolder } from '../../../src/cli/dataFolder';
import { engineNames } from '../../../src/shared/engines';
import { exportFormats } from '../../../src/shared/exportFormats';

const read = (line: string) => readCommandLine(line.split(' '));

describe('the command line', () => {
  it('gives the script everything behind it, options too', () => {
    assert.deepEqual(
      read('profile --rate 250 --engine cprofile --python py3 --json app.py --rate x --json'),
      {
        kind: 'profile',
        engine: 'cprofile',
        rateHz: 250,
        python: 'py3',
        tool: undefined,
        isJson: true,
        pythonArgs: [],
        options: { children: true, native: false },
        runsDir: undefined,
        entry: { kind: 'script', path: 'app.py' },
        args: ['--rate', 'x', '--json'],
      },
    );
  });

  it('gives words to the engine’s tool, and chooses children and native frames', () => {
    const asked = read('record --engine-arg --gil --no-children --native --engine-arg --nonblocking app.py');
    assert.ok(asked.kind === 'profile');
    assert.deepEqual(asked.options, { children: false, native: true, words: ['--gil', '--nonblocking'] });
  });

  it('keeps the last seconds with the tracer, and with nothing else', () => {
    const asked = read('record --last 10 app.py');
    assert.ok(asked.kind === 'profile');
    assert.deepEqual([asked.engine, asked.options.lastSeconds], ['tracer', 10]);
    for (const wrong of ['--last 0', '--last 601', '--last soon', '--last 10 --engine py-spy']) {
      assert.equal(read(`record ${wrong} app.py`).kind, 'help', wrong);
    }
    assert.deepEqual(read('keep'), { kind: 'keep', run: undefined, isJson: false });
    assert.deepEqual(read('keep last --json'), { kind: 'keep', run: 'last', isJson: true });
  });

  it('leaves the rate to the engine unless told otherwise', () => {
    const command = read('profile app.py');
    assert.ok(command.kind === 'profile');
    assert.deepEqual([command.engine, command.rateHz, command.isJson], ['auto', undefined, false]);
  });

  it('knows every engine, and where its tool is', () => {
    for (const engine of engineNames) {
      const command = read(`profile --engine ${engine} --tool /opt/tool app.py`);
      assert.ok(command.kind === 'profile');
      assert.deepEqual([command.engine, command.tool], [engine, '/opt/tool']);
    }
  });

  it('runs modules and code as Python does, with an interpreter of several words', () => {
    const module = readCommandLine([
      'record',
      '--python',
      'uv',
      '--python-arg',
      'run',
      '-m',
      'shop',
      '--fast',
    ]);
    assert.ok(module.kind === 'profile');
    assert.deepEqual([module.entry, module.args], [{ kind: 'module', name: 'shop' }, ['--fast']]);
    assert.deepEqual([module.python, module.pythonArgs], ['uv', ['run']]);
    const code = readCommandLine(['record', '--runs', '/runs', '-c', 'print(1)']);
    assert.ok(code.kind === 'profile');
    assert.deepEqual([code.entry, code.runsDir], [{ kind: 'code', text: 'print(1)' }, '/runs']);
    assert.equal(readCommandLine(['record', '-m']).kind, 'help');
  });

  it('takes a script that looks like an option behind --', () => {
    const command = read('profile -- --odd.py 1');
    assert.ok(command.kind === 'profile');
    assert.deepEqual([command.entry, command.args], [{ kind: 'script', path: '--odd.py' }, ['1']]);
  });

  it('exports a run to a file, which may be left out', () => {
    assert.deepEqual(read('export last --format pprof --output out.pb.gz'), {
      kind: 'export',
      run: 'last',
      format: 'pprof',
      output: 'out.pb.gz',
    });
    const command = read('export --format svg run-1');
    assert.ok(command.kind === 'export');
    assert.deepEqual([command.run, command.format, command.output], ['run-1', 'svg', undefined]);
  });

  it('examines an interpreter, and installs for it', () => {
    assert.deepEqual(read('doctor --python py3 --json'), { kind: 'doctor', python: 'py3', isJson: true });
    assert.deepEqual(read('doctor'), { kind: 'doctor', python: undefined, isJson: false });
    assert.deepEqual(read('install --python py3 austin'), {
      kind: 'install',
      engine: 'austin',
      python: 'py3',
    });
  });

  it('attaches to one process, with options before and behind it', () => {
    assert.deepEqual(read('attach --engine py-spy 42 --duration 2.5 --tool /opt/py-spy --rate 50 --json'), {
      kind: 'attach',
      pid: 42,
      engine: 'py-spy',
      tool: '/opt/py-spy',
      durationSeconds: 2.5,
      rateHz: 50,
      isJson: true,
    });
    const plain = read('attach 42');
    assert.ok(plain.kind === 'attach');
    assert.deepEqual([plain.engine, plain.durationSeconds, plain.rateHz], [undefined, undefined, undefined]);
    for (const line of ['attach', 'attach 1 2', 'attach x', 'attach -1', 'attach 1 --engine cprofile'])
      assert.equal(read(line).kind, 'help', line);
    for (const line of [
      'attach 1 --duration 0',
      'attach 1 --duration',
      'attach 1 --rate 0',
      'attach 1 --x 1',
    ])
      assert.equal(read(line).kind, 'help', line);
  });

  it('lists processes', () => {
    assert.deepEqual(read('processes --all'), { kind: 'processes', isJson: false, isAll: true });
  });

  it('names every export format in its help', () => {
    for (const { id } of exportFormats) assert.ok(usage.includes(`  ${id} `), id);
  });

  for (const line of [
    'profile',
    'profile --rate',
    'profile --rate 0 a.py',
    'profile --rate ten a.py',
    'profile --engine perf a.py',
    'profile --nonsense 1 a.py',
    'report',
    'report --json',
    'export',
    'export last',
    'export last --format',
    'export last --format gif',
    'export last other --format svg',
    'export last --format svg --loud',
    'doctor py-spy',
    'doctor --python',
    'install',
    'install perf',
    'install py-spy austin',
    'paint',
  ]) {
    it(`says what is wrong with «${line}»`, () => {
      const command = read(line);
      assert.ok(command.kind === 'help' && command.problem);
    });
  }
});

describe('the folder for runs', () => {
  it('is the user’s data folder of each system', () => {
    assert.equal(runsFolder({ XDG_DATA_HOME: '/data' }, 'linux'), '/data/pyrolens/runs');
    assert.match(runsFolder({ XDG_DATA_HOME: '' }, 'linux'), /\/\.local\/share\/pyrolens\/runs$/);
    assert.match(runsFolder({}, 'darwin'), /Library\/Application Support\/pyrolens\/runs$/);
  });
});
