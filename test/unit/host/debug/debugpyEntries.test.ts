import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  isPythonEntry,
  type LaunchEntry,
  launchesProgram,
  toPyrolensEntry,
} from '../../../../src/host/debug/debugpyEntries';

const entry = (settings: Record<string, unknown>): LaunchEntry => ({
  name: 'Server',
  type: 'debugpy',
  request: 'launch',
  ...settings,
});

describe('entries of a launch.json', () => {
  it('are Python’s when the Python debugger, under either name, or Pyrolens would run them', () => {
    for (const type of ['debugpy', 'python', 'pyrolens']) assert.ok(isPythonEntry(entry({ type })), type);
    for (const other of [entry({ type: 'node' }), { type: 'debugpy' }, null, 'x', undefined, []]) {
      assert.ok(!isPythonEntry(other), JSON.stringify(other));
    }
  });

  it('start a program, or attach to one', () => {
    assert.ok(launchesProgram(entry({ module: 'shop' })));
    assert.ok(!launchesProgram(entry({ request: 'attach', processId: 12 })));
    assert.ok(!launchesProgram(entry({ connect: { port: 5678 } })));
    assert.ok(!launchesProgram(entry({ listen: { port: 5678 } })));
  });

  it('become ours with everything that says what runs, and VS Code’s own keys', () => {
    const shared = {
      ...{ module: 'shop', args: ['--fast'], env: { A: '1' }, envFile: '.env', cwd: '/x', justMyCode: false },
      ...{ preLaunchTask: 'build', postDebugTask: 'clean', serverReadyAction: { action: 'openExternally' } },
      ...{ python: ['uv', 'run', 'python'], console: 'integratedTerminal', subProcess: true },
    };
    assert.deepEqual(toPyrolensEntry(entry({ ...shared, stopOnEntry: true, purpose: ['debug-test'] })), {
      name: 'Server',
      type: 'pyrolens',
      request: 'launch',
      ...shared,
    });
  });

  it('need not name the selected interpreter: it is taken anyway, and a missing extension could not name it', () => {
    for (const name of ['command:python.interpreterPath', 'config:python.pythonPath']) {
      assert.ok(!('python' in toPyrolensEntry(entry({ python: `$\{${name}}` }))), name);
    }
    assert.equal(toPyrolensEntry(entry({ python: '/usr/bin/python3' }))['python'], '/usr/bin/python3');
  });
});
