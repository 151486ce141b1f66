import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StartedProgram } from '../../../src/host/startedProgram';

/** A program whose launcher notes what it is told; recording until `stopRecording` was called once. */
function started() {
  const told: string[] = [];
  let isRecording = true;
  const program = new StartedProgram(() => {
    if (!isRecording) return false;
    isRecording = false;
    told.push('stop');
    return true;
  });
  program.attach({ send: message => told.push(message.type) > 0 });
  return { program, told };
}

describe('a program that was started', () => {
  it('is ended after its recording, so that nothing of it is lost', () => {
    const { program, told } = started();
    program.end();
    assert.deepEqual(told, ['stop']);
    program.receive({ type: 'stopped', busyProcessCount: 0 });
    assert.deepEqual(told, ['stop', 'kill']);
  });

  it('goes on when only its recording was stopped', () => {
    const { program, told } = started();
    program.receive({ type: 'stopped', busyProcessCount: 0 });
    assert.deepEqual(told, []);
  });

  it('is ended at once when it is asked twice, or when its engine cannot stop early', () => {
    const twice = started();
    twice.program.end();
    twice.program.end();
    assert.deepEqual(twice.told, ['stop', 'kill']);
    const unable = started();
    unable.program.end();
    unable.program.receive({ type: 'cannotStop' });
    assert.deepEqual(unable.told, ['stop', 'kill']);
  });

  it('is ended as soon as it runs when it was asked to before', () => {
    const { program, told } = started();
    program.end();
    program.receive({ type: 'started', pid: 1, runDir: '/run' });
    assert.deepEqual(told, ['stop', 'kill']);
  });

  it('tells how it ended, once, and nothing when its launcher is gone', async () => {
    const { program } = started();
    program.receive({ type: 'ended', code: 3, signal: null });
    program.lose();
    assert.deepEqual(await program.ended, { code: 3, signal: null });
    const lost = started();
    lost.program.lose();
    assert.equal(await lost.program.ended, undefined);
  });
});
