/** Runs in which only the bodies of tests were recorded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFiles } from '../../../../helpers/parsing';
import { parseStream, plainStream, scriptPath, stackNames } from '../../../../helpers/plainStream';

test('where only the bodies of tests were recorded, the run says so, and how often they ran', async () => {
  const limits = async (...ends: Record<string, unknown>[]) => {
    const parts = ends.map((end, index): [string, Uint8Array] => {
      const { writer, main, outer } = plainStream(42 + index);
      writer.tick(10, [{ lane: main, stack: outer }]).data(1000);
      return [`samples-${42 + index}-1.chunks`, writer.end(end).build().bytes];
    });
    return (await parseFiles(Object.fromEntries(parts))).profile.info.limits.join();
  };
  assert.match(await limits({ testCount: 1, bodyCount: 100 }), /^Only the test’s body .* 100 times/);
  assert.match(await limits({ testCount: 1, bodyCount: 1 }), /^Only the test’s body was recorded: no/);
  assert.match(await limits({ testCount: 2, bodyCount: 40 }, { bodyCount: 1 }), /of 2 tests .* 41 runs/);
  assert.equal(await limits({}), '');
});

test('stacks of a test’s body begin with the test, not with what ran it', async () => {
  const { writer, main, inner } = plainStream();
  const runner = '/x/collectors/pyrolens_collect/test_bodies.py';
  const run = writer.func('recorded.<locals>.run_recorded', runner, 90);
  const body = writer.stack(inner, writer.location(run, 95));
  const testFunction = writer.stack(body, writer.location(writer.func('test_a', scriptPath, 30), 31));
  writer.tick(10, [{ lane: main, stack: testFunction }]);
  writer.tick(10, [{ lane: main, stack: body }]);
  const { profile } = await parseStream(writer.data(1000).end().build().bytes);
  assert.deepEqual(stackNames(profile, 0), ['test_a']);
  assert.equal(profile.samples.node[1], -1);
});
