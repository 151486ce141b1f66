import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Measurement } from '../../../../src/server/analyze/measurement';
import { wholeRun } from '../../../../src/server/analyze/selection';
import { sourceWaits, waitKindOfSource } from '../../../../src/server/analyze/waiting';
import { textProfile } from '../../../helpers/textProfile';

const lib = '/usr/lib/python3.12';

async function kindOfLine(drawing: string, lines: readonly string[] = []): Promise<string> {
  const profile = await textProfile(drawing);
  const { items, waitKind } = new Measurement(
    profile,
    wholeRun,
    sourceWaits(profile, () => lines),
  ).lines;
  const item = [...items.line].findIndex((line, index) => {
    return line === 3 && profile.strings[items.file[index] ?? 0] === '/work/app.py';
  });
  return waitKind(item);
}

const stacks: readonly (readonly [string, string])[] = [
  [
    'queue',
    `state wait\nmain[line:3]\nQueue.get[file:${lib}/queue.py]\nCondition.wait[file:${lib}/threading.py]`,
  ],
  [
    'join',
    `state wait\nmain[line:3]\nThread.join[file:${lib}/threading.py]\n_wait_for_tstate_lock[file:${lib}/threading.py]`,
  ],
  ['lock', `state wait\nmain[line:3]\nCondition.wait[file:${lib}/threading.py]`],
  [
    'process',
    `state wait\nmain[line:3]\nPopen.wait[file:${lib}/subprocess.py]\nPopen._try_wait[file:${lib}/subprocess.py]`,
  ],
  [
    'await',
    `state wait\nmain[line:3]\n_run_once[file:${lib}/asyncio/base_events.py]\nselect[file:${lib}/selectors.py]`,
  ],
  ['select', `state wait\nmain[line:3]\nselect[file:${lib}/selectors.py]`],
  ['io', `state wait\nmain[line:3]\nSocketIO.readinto[file:${lib}/socket.py]`],
  ['await', 'lane MainThread\nmain\ntask T\nstate susp\nfetch[line:3]'],
  ['unknown', 'state wait\nmain[line:3]'],
  ['none', 'state run\nmain[line:3]'],
];

for (const [kind, drawing] of stacks) {
  test(`a stack that waits for ${kind}: ${drawing.split('\n').at(-1)}`, async () => {
    assert.equal(await kindOfLine(drawing), kind);
  });
}

test('where C waits without a frame the source tells, on every line above it too', async () => {
  const lines = ['', '', 'run()', 'time.sleep(1)'];
  assert.equal(await kindOfLine('state wait\nmain[line:3]\nrun[line:4]', lines), 'sleep');
});

test('the executing expression tells more than its whole line', async () => {
  const lines = ['', '', 'a = lock.acquire() or time.sleep(2)'];
  const drawing = 'state wait\nmain[line:3,endLine:3,column:22,endColumn:35]';
  assert.equal(await kindOfLine(drawing, lines), 'sleep');
});

test('calls in source say what they wait for', () => {
  const kinds = [
    'await f()',
    'q.get()',
    't.join()',
    'with self.lock:',
    's.recv(1024)',
    'fut.result()',
    'x = y + 1',
  ];
  const expected = ['await', 'queue', 'join', 'lock', 'io', 'join', 'unknown'];
  assert.deepEqual(kinds.map(waitKindOfSource), expected);
});

test('off the CPU with nothing to wait for is contention where the line also computes', async () => {
  const drawing = (cpu: string) => `cpu ${cpu}\nstate run wait\nmain[line:3] main[line:3]`;
  assert.equal(await kindOfLine(drawing('1 0.3')), 'contention');
  assert.equal(await kindOfLine(drawing('0.05 0')), 'unknown');
});
