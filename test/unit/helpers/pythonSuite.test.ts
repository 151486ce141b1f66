import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { runPythonTests } from '../../helpers/pythonSuite.mjs';
import { findPython } from '../../helpers/pythons.mjs';

const [python = '', ...words] = findPython().command;
const folder = mkdtempSync(join(tmpdir(), 'pyrolens python suite '));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Tests of an interpreter of that name; in them `first` is true when they run for the first time. */
function testsOf(name: string, body: string) {
  const tests = mkdtempSync(join(folder, `${name} `));
  const source = `import os, unittest
mark = os.path.join(os.path.dirname(__file__), "mark")
first = not os.path.exists(mark)
open(mark, "w").close()
${body}`;
  writeFileSync(join(tests, 'test_it.py'), source);
  return { name, tests, runs: [] as string[][] };
}

type Tests = ReturnType<typeof testsOf>;

async function runTests({ tests, runs }: Tests, ids: readonly string[]) {
  runs.push([...ids]);
  const script = resolve('test/helpers/run_unittest.py');
  const { status, stdout } = spawnSync(python, [...words, script, tests, ...ids], { encoding: 'utf8' });
  return { code: status, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

const goodAnd = (test: string) => `class It(unittest.TestCase):
    def test_good(self): pass
    def test_other(self): ${test}`;

describe('the tests of several interpreters', () => {
  it('are counted together', async () => {
    const interpreters = [testsOf('3.9', goodAnd('pass')), testsOf('3.10', goodAnd('self.skipTest("no")'))];
    const { notes, ...counts } = await runPythonTests(interpreters, runTests);
    assert.deepEqual(counts, { passed: 3, failed: 0, skipped: 1 });
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? '', /^skipped 3\.10: test_other \(.*\): no$/);
    assert.deepEqual(
      interpreters.map(({ runs }) => runs),
      [[[]], [[]]],
    );
  });

  it('are run again alone where they failed, and the report says so', async () => {
    const moody = testsOf('3.9', goodAnd('self.assertFalse(first)'));
    const { notes, ...counts } = await runPythonTests([moody], runTests);
    assert.deepEqual(counts, { passed: 2, failed: 0, skipped: 0 });
    assert.deepEqual(notes, ['3.9: failed at first, passed when run again: test_it.It.test_other']);
    assert.deepEqual(moody.runs, [[], ['test_it.It.test_other']]);
  });

  it('have failed when they fail twice, by a subtest too', async () => {
    const bad = testsOf('3.9', goodAnd('\n        with self.subTest(i=1): self.fail()'));
    assert.deepEqual(await runPythonTests([bad], runTests), {
      passed: 1,
      failed: 1,
      skipped: 0,
      notes: ['FAILED 3.9: test_it.It.test_other'],
    });
  });

  it('have failed when a class cannot be prepared: that has no test to run again', async () => {
    const body = `class It(unittest.TestCase):
    @classmethod
    def setUpClass(cls): assert not first
    def test_good(self): pass`;
    const { failed } = await runPythonTests([testsOf('3.9', body)], runTests);
    assert.equal(failed, 1);
  });

  it('are all run again when the interpreter crashed', async () => {
    const crashed = testsOf('3.9', goodAnd('first and os._exit(7)'));
    const { notes, ...counts } = await runPythonTests([crashed], runTests);
    assert.deepEqual(counts, { passed: 2, failed: 0, skipped: 0 });
    assert.deepEqual(notes, ['3.9: failed at first, passed when run again: the interpreter ended with 7']);
    assert.deepEqual(crashed.runs, [[], []]);
  });

  it('are not run again when many failed', async () => {
    const all = ['3.9', '3.10', '3.11', '3.12'].map(name =>
      testsOf(name, goodAnd('self.assertFalse(first)')),
    );
    const { failed } = await runPythonTests(all, runTests);
    assert.equal(failed, 4);
  });
});
