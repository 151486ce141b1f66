import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProfileBuilder } from '../../../../../src/server/parse/model/profileBuilder';
import { profileInfo } from '../../../../../src/server/parse/model/profileInfo';
import { Slicer } from '../../../../../src/server/slicer';

const info = profileInfo({ format: 'test', hasTimeAxis: true, durationNs: 1e9 });

/** The functions on the stack of the only sample, outermost first. */
async function stackOf(...stack: readonly (readonly [name: string, file: string])[]): Promise<string[]> {
  const builder = new ProfileBuilder({ ownRoots: ['/srv'] });
  const lane = builder.lane({ kind: 'thread', parent: -1, pid: 1, tid: 1, name: '', isMain: true });
  let node = -1;
  for (const [name, file] of stack) {
    const place = { line: 1, endLine: 1, column: -1, endColumn: -1 };
    node = builder.node(node, builder.frame({ func: builder.func(name, file, 1), ...place }));
  }
  builder.samples.add(lane, node, 1e6, 1e6);
  const { samples, nodes, frames, functions, strings } = await builder.finish(
    { info, endNs: 1e9 },
    new Slicer(),
  );
  const names: string[] = [];
  for (let at = samples.node[0] ?? -1; at >= 0; at = nodes.parent[at] ?? -1) {
    names.unshift(strings[functions.name[frames.func[nodes.frame[at] ?? 0] ?? 0] ?? 0] ?? '');
  }
  return names;
}

const lib = '/usr/lib/python3.12';
const forks = [
  ['<module>', '/srv/app.py'],
  ['Popen._launch', `${lib}/multiprocessing/popen_fork.py`],
] as const;

for (const [name, file] of [
  ['BaseProcess._bootstrap', `${lib}/multiprocessing/process.py`],
  ['_bootstrap', 'C:\\Python312\\Lib\\multiprocessing\\process.py'],
  ['Process._bootstrap', '/venv/lib/python3.12/site-packages/billiard/process.py'],
] as const) {
  test(`a process that ${name} begins has nothing of its parent on its stack`, async () => {
    assert.deepEqual(await stackOf(...forks, [name, file], ['work', '/srv/app.py']), [name, 'work']);
  });
}

test('threads and the program’s own functions of that name begin nothing', async () => {
  const thread = ['Thread._bootstrap', `${lib}/threading.py`] as const;
  const own = ['_bootstrap', '/srv/process.py'] as const;
  assert.deepEqual(await stackOf(...forks, thread, own), [
    '<module>',
    'Popen._launch',
    'Thread._bootstrap',
    '_bootstrap',
  ]);
});
