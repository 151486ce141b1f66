/** A real sender before a receiver that is slow, or fast: what the report says of the system's side. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildCli } from './builtCli';

const program = resolve('test/fixtures/programs/slow_receiver.py');
const sendLine = readFileSync(program, 'utf8').split('\n').indexOf('        peer.sendall(data)  # waits') + 1;

/** What the JSON report says of one call. */
interface ReportedCall {
  readonly line: number;
  readonly direction: string;
  readonly kind: string;
  readonly names: readonly string[];
  readonly totalNs: number;
  readonly waitedNs: number;
  readonly askedBytes: number;
  readonly lookCount: number;
  readonly fullCount: number;
  readonly remedies: readonly string[];
  readonly facts: readonly string[];
  readonly queue: { atNs: number[]; bytes: number[]; maxBytes: number; unsentBytes: number } | null;
}

interface Reported {
  readonly calls: readonly ReportedCall[];
  readonly gaps: readonly { title: string; fix: string; victim: { line: number } | null }[];
  readonly text: string;
  readonly truth: { port: number; bytes: number; sentNs: number };
}

describe('the system’s side of a sender', {
  skip: process.platform !== 'linux' && 'the kernel tells on Linux only',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-systems-'));
  let cli = '';
  before(async () => {
    cli = await buildCli(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...words: string[]) => {
    const env = { ...process.env, XDG_DATA_HOME: join(folder, 'data') };
    const result = spawnSync(process.execPath, [cli, ...words], { env, encoding: 'utf8', timeout: 120_000 });
    assert.equal(result.status, 0, result.stdout + result.stderr);
    return result.stdout.trim().split('\n');
  };
  const record = (kind: string): Reported => {
    const lines = run('profile', '--json', program, kind);
    const report = JSON.parse(lines.at(-1) ?? '');
    const truth = JSON.parse(lines.find(line => line.startsWith('{"port"')) ?? '');
    return { calls: report.systemCalls, gaps: report.gaps, text: run('report', 'last').join('\n'), truth };
  };

  it('whose peer reads slowly: a full send queue, how long, how much, and that the receiver is to blame', () => {
    const { calls, gaps, text, truth } = record('slow');
    const call = calls.find(({ line }) => line === sendLine);
    assert.ok(call, JSON.stringify(calls));
    assert.deepEqual([call.direction, call.kind, call.names], ['write', 'tcp', [`127.0.0.1:${truth.port}`]]);
    assert.equal(call.askedBytes, truth.bytes);
    assert.equal(call.fullCount, call.lookCount);
    assert.ok(call.lookCount >= 3, String(call.lookCount));
    const ratio = call.totalNs / truth.sentNs;
    assert.ok(ratio > 0.7 && ratio < 1.3, `${call.totalNs} of ${truth.sentNs}`);
    assert.ok(call.waitedNs <= call.totalNs && call.waitedNs > 0.7 * truth.sentNs, String(call.waitedNs));
    assert.ok(call.queue && call.queue.maxBytes > 0 && call.queue.maxBytes < 2 * truth.bytes);
    assert.equal(call.queue.atNs.length, call.lookCount);
    assert.equal(call.remedies[0], 'receiver');
    assert.match(
      call.facts.join(' '),
      /send queue was full at (\d+) of \1 looks: .* the receiver does not keep up/,
    );
    const gap = gaps.find(({ victim }) => victim?.line === sendLine);
    assert.equal(gap?.title, 'Send queue full');
    assert.match(gap?.fix ?? '', /^Make the receiver read faster/);
    assert.match(
      text,
      /Calls that waited for the system\n +\S+ m?s {2}slow_receiver\.py:\d+ {2}peer\.sendall/,
    );
  });

  it('whose peer reads at once: nothing', () => {
    const { calls, gaps, text } = record('fast');
    assert.deepEqual(
      calls.filter(({ direction }) => direction === 'write'),
      [],
    );
    assert.ok(gaps.every(({ title }) => title !== 'Send queue full'));
    assert.doesNotMatch(text, /send queue/i);
  });
});
