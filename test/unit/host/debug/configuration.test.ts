import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWrong, readConfiguration, type WrongSetting } from '../../../../src/host/debug/configuration';

const folder = '/work/shop';
const read = (settings: Record<string, unknown>) => {
  const result = readConfiguration({ program: 'app.py', ...settings }, folder);
  assert.ok(!isWrong(result), JSON.stringify(result));
  return result;
};
const refusal = (settings: Record<string, unknown>): WrongSetting => {
  const result = readConfiguration({ program: 'app.py', ...settings }, folder);
  assert.ok(isWrong(result), JSON.stringify(result));
  return result;
};

describe('a launch configuration', () => {
  it('starts a script, found from its working folder, a module or code', () => {
    assert.deepEqual(read({}).entry, { kind: 'script', path: '/work/shop/app.py' });
    assert.deepEqual(read({ cwd: 'jobs' }).entry, { kind: 'script', path: '/work/shop/jobs/app.py' });
    assert.deepEqual(read({ program: '/tmp/a.py' }).entry, { kind: 'script', path: '/tmp/a.py' });
    assert.deepEqual(read({ program: '', module: 'shop.jobs' }).entry, { kind: 'module', name: 'shop.jobs' });
    const code = ['import shop', 'shop.run()'];
    assert.deepEqual(read({ program: undefined, code }).entry, { kind: 'code', text: code.join('\n') });
  });

  it('has arguments as a list or as one text', () => {
    assert.deepEqual(read({ args: ['--size', 3, 'a b'] }).args, ['--size', '3', 'a b']);
    assert.deepEqual(read({ args: '--size 3 "a b"' }).args, ['--size', '3', 'a b']);
    assert.deepEqual(read({ args: '' }).args, []);
    assert.deepEqual(read({ pythonArgs: ['-X', 'dev'] }).pythonArgs, ['-X', 'dev']);
  });

  it('names an interpreter by its path, a command, the script’s own first line, or under its former name', () => {
    assert.deepEqual(read({ python: '/opt/my python/bin/python' }).python, ['/opt/my python/bin/python']);
    assert.deepEqual(read({ python: ['uv', 'run', 'python'] }).python, ['uv', 'run', 'python']);
    assert.equal(read({ python: 'shebang' }).python, 'shebang');
    assert.deepEqual(read({ pythonPath: '/usr/bin/python3' }).python, ['/usr/bin/python3']);
    assert.equal(read({}).python, undefined);
  });

  it('adds variables, and takes those away that are null', () => {
    assert.deepEqual(read({ env: { A: 'x', B: 2, C: null } }).env, { A: 'x', B: '2', C: null });
    assert.deepEqual(read({ env: {} }).env, {});
    assert.equal(read({ envFile: 'conf/.env' }).envFile, '/work/shop/conf/.env');
  });

  it('records in a terminal, with children and without native frames, unless it says otherwise', () => {
    const { console: where, options, engine, rateHz } = read({});
    assert.deepEqual(
      [where, options, engine, rateHz],
      ['integratedTerminal', { children: true, native: false }, undefined, undefined],
    );
    const other = read({
      console: 'internalConsole',
      subProcess: false,
      native: true,
      engine: 'cprofile',
      engineArgs: '--gil --nonblocking',
      rate: 250,
    });
    assert.deepEqual(
      [other.console, other.options, other.engine, other.rateHz],
      [
        'internalConsole',
        { children: false, native: true, words: ['--gil', '--nonblocking'] },
        'cprofile',
        250,
      ],
    );
  });

  it('says which value is wrong, and what it should be', () => {
    assert.deepEqual(refusal({ args: { a: 1 } }), { setting: 'args', expected: 'texts' });
    assert.deepEqual(refusal({ env: ['A=1'] }), { setting: 'env', expected: 'variables' });
    assert.deepEqual(refusal({ env: { A: {} } }), { setting: 'env', expected: 'variables' });
    assert.deepEqual(refusal({ cwd: 3 }), { setting: 'cwd', expected: 'text' });
    assert.deepEqual(refusal({ subProcess: 'yes' }), { setting: 'subProcess', expected: 'yesOrNo' });
    assert.deepEqual(refusal({ rate: 5000 }), { setting: 'rate', expected: 'rate' });
    assert.deepEqual(refusal({ engineArgs: {} }), { setting: 'engineArgs', expected: 'texts' });
    assert.deepEqual(refusal({ python: [] }), { setting: 'python', expected: 'texts' });
    assert.equal(refusal({ engine: 'magic' }).setting, 'engine');
    assert.ok((refusal({ console: 'window' }).expected as string[]).includes('internalConsole'));
  });

  it('starts exactly one thing', () => {
    assert.deepEqual(refusal({ module: 'shop' }), { setting: 'program', expected: 'entry' });
    assert.deepEqual(refusal({ program: undefined }), { setting: 'program', expected: 'entry' });
  });
});
