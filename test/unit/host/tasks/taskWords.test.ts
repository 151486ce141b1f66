import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommandLine } from '../../../../src/cli/commandLine';
import { taskCommand } from '../../../../src/host/tasks/taskWords';

const facts = { python: ['/venv/bin/python'], runsDir: '/storage/runs' };
const command = (definition: Record<string, unknown>) => {
  const made = taskCommand({ type: 'pyrolens', ...definition }, facts);
  assert.ok('words' in made, JSON.stringify(made));
  return made;
};
/** What our command line makes of a task's words. */
const read = (definition: Record<string, unknown>) => {
  const asked = readCommandLine(command(definition).words);
  assert.equal(asked.kind, 'profile');
  return asked.kind === 'profile' ? asked : assert.fail();
};

describe('a task', () => {
  it('is understood by the command line: a script, relative as it is written, and its arguments', () => {
    const asked = read({ program: `$\{file}`, args: ['--runs', 'x'], cwd: 'jobs' });
    assert.deepEqual(asked.entry, { kind: 'script', path: `$\{file}` });
    assert.deepEqual(asked.args, ['--runs', 'x']);
    assert.equal(asked.runsDir, '/storage/runs');
    assert.equal(asked.python, '/venv/bin/python');
    assert.deepEqual(read({ program: '-odd.py' }).entry, { kind: 'script', path: '-odd.py' });
  });

  it('may be a module or code, with an engine and a rate', () => {
    const asked = read({ module: 'shop.jobs', args: '-c fast', engine: 'cprofile', rate: 50 });
    assert.deepEqual([asked.entry, asked.args], [{ kind: 'module', name: 'shop.jobs' }, ['-c', 'fast']]);
    assert.deepEqual([asked.engine, asked.rateHz], ['cprofile', 50]);
    const filtered = read({ module: 'shop', engine: 'viztracer', engineArgs: ['--max_stack_depth', '3'] });
    assert.deepEqual(filtered.options.words, ['--max_stack_depth', '3']);
    assert.deepEqual(read({ code: 'print(1)' }).entry, { kind: 'code', text: 'print(1)' });
  });

  it('names an interpreter of its own, with arguments', () => {
    const asked = read({ program: 'a.py', python: ['uv', 'run', 'python'], pythonArgs: ['-X', 'dev'] });
    assert.equal(asked.python, 'uv');
    assert.deepEqual(asked.pythonArgs, ['run', 'python', '-X', 'dev']);
  });

  it('sets variables', () => {
    assert.deepEqual(command({ program: 'a.py', env: { A: '1', B: null } }).env, { A: '1' });
  });

  it('says what is wrong with it', () => {
    assert.deepEqual(taskCommand({ args: [] }, facts), { setting: 'program', expected: 'entry' });
    assert.equal((taskCommand({ program: 'a.py', rate: 0 }, facts) as { setting: string }).setting, 'rate');
  });
});
