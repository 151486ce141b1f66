import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JsonLines } from '../../../src/recorder/controlMessages';
import { Recording, type RecordingEvent, type RecordingState } from '../../../src/recorder/recording';

function after(...events: RecordingEvent[]): { states: RecordingState[]; recording: Recording } {
  const states: RecordingState[] = [];
  const recording = new Recording(state => states.push(state));
  for (const event of events) recording.handle(event);
  return { states, recording };
}

const launch = { type: 'launch' } as const;
const started = { type: 'started', pid: 1, runDir: '/r' } as const;
const recording = { type: 'recording' } as const;
const stop = { type: 'stopRequested' } as const;
const ended = { type: 'ended', code: 0, signal: null } as const;

describe('a recording', () => {
  it('goes from starting over recording to done', () => {
    const run = after(launch, started, recording, ended);
    assert.deepEqual(run.states, ['starting', 'recording', 'done']);
    assert.deepEqual(run.recording.outcome, { how: 'ended', code: 0, signal: null });
  });

  it('is done when it was stopped, and the program’s later end changes nothing', () => {
    const run = after(launch, recording, stop, { type: 'stopped', busyProcessCount: 2 }, ended);
    assert.deepEqual(run.states, ['starting', 'recording', 'stopping', 'done']);
    assert.deepEqual(run.recording.outcome, { how: 'stopped', busyProcessCount: 2 });
  });

  it('goes on recording where it cannot be stopped', () => {
    const run = after(launch, recording, stop, { type: 'cannotStop' });
    assert.equal(run.recording.state, 'recording');
  });

  it('is done when the program ends before anything was recorded', () => {
    assert.deepEqual(after(launch, ended).states, ['starting', 'done']);
  });

  it('keeps what was flushed when the launcher vanishes', () => {
    assert.deepEqual(after(launch, recording, { type: 'linkClosed' }).recording.outcome, { how: 'lost' });
  });

  it('fails when the program cannot be started, and stays failed', () => {
    const run = after(launch, { type: 'failed', code: 'launchFailed', facts: {} }, { type: 'linkClosed' });
    assert.deepEqual(run.states, ['starting', 'failed']);
    assert.equal(run.recording.isActive, false);
  });

  it('ignores messages before it was launched', () => {
    assert.deepEqual(after(recording, ended, stop).states, []);
  });
});

describe('JSON lines', () => {
  it('are put together from pieces; what is not a message is skipped', () => {
    const seen: unknown[] = [];
    const lines = new JsonLines(message => seen.push(message));
    for (const piece of ['{"type":"rec', 'ording"}\nnot json\n42\n{"a":1}\n', '{"type":"again"}', '\n'])
      lines.push(piece);
    assert.deepEqual(seen, [{ type: 'recording' }, { type: 'again' }]);
  });
});
