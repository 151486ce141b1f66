import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DebuggedProcesses } from '../../../../src/host/debug/debuggedProcesses';

const session = (id: string, configuration: Record<string, unknown> = {}) => ({
  id,
  configuration: { type: 'debugpy', name: 'Server', request: 'launch', ...configuration },
});
/** What the debugger sends when its program runs. */
const started = (body: Record<string, unknown>) => ({ type: 'event', event: 'process', body });

describe('processes of the Python debugger', () => {
  it('are named by the debugger, for each session its own', () => {
    const processes = new DebuggedProcesses();
    const first = processes.tracker(session('first'));
    const second = processes.tracker(session('second'));
    assert.equal(processes.of('first'), undefined);
    first.onDidSendMessage?.(started({ systemProcessId: 41, isLocalProcess: true, startMethod: 'launch' }));
    second.onDidSendMessage?.(started({ systemProcessId: 42 }));
    assert.deepEqual(processes.of('first'), { kind: 'local', pid: 41 });
    assert.deepEqual(processes.of('second'), { kind: 'local', pid: 42 });
  });

  it('of children are known from the start: their session says which they are', () => {
    const processes = new DebuggedProcesses();
    processes.tracker(session('child', { subProcessId: 43, request: 'attach' }));
    assert.deepEqual(processes.of('child'), { kind: 'local', pid: 43 });
  });

  it('on another machine have no process id here', () => {
    const processes = new DebuggedProcesses();
    const tracker = processes.tracker(session('remote'));
    tracker.onDidSendMessage?.(started({ systemProcessId: 44, isLocalProcess: false }));
    assert.deepEqual(processes.of('remote'), { kind: 'elsewhere' });
  });

  it('are forgotten with their session; other messages mean nothing', () => {
    const processes = new DebuggedProcesses();
    const tracker = processes.tracker(session('first'));
    for (const message of [undefined, {}, { type: 'event', event: 'output', body: {} }, started({}), 'x']) {
      tracker.onDidSendMessage?.(message);
    }
    assert.equal(processes.of('first'), undefined);
    tracker.onDidSendMessage?.(started({ systemProcessId: 45 }));
    tracker.onWillStopSession?.();
    assert.equal(processes.of('first'), undefined);
    assert.equal(processes.of(undefined), undefined);
  });
});
