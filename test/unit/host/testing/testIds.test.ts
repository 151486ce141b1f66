import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frameworkOf, selectTests, type TestSettings } from '../../../../src/host/testing/testIds';

const cwd = '/shop';
const settings = (changes: Partial<TestSettings> = {}): TestSettings => ({
  isPytestEnabled: true,
  isUnittestEnabled: false,
  pytestArgs: [],
  unittestArgs: [],
  ...changes,
});
const unittest = (...unittestArgs: string[]) =>
  settings({ isPytestEnabled: false, isUnittestEnabled: true, unittestArgs });

describe('a selected test', () => {
  it('belongs to the framework that is enabled, else to the one whose ids look like its own', () => {
    const neither = settings({ isPytestEnabled: false });
    const both = settings({ isUnittestEnabled: true });
    assert.equal(frameworkOf('/shop/test_a.py', settings()), 'pytest');
    assert.equal(frameworkOf('/shop/test_a.py', unittest()), 'unittest');
    for (const either of [neither, both]) {
      assert.equal(frameworkOf('/shop/test_a.py::test_b', either), 'pytest');
      assert.equal(frameworkOf('/shop/test_a.py\\TestB\\test_c', either), 'unittest');
      assert.equal(frameworkOf('/shop/tests', either), 'pytest');
    }
  });

  it('of pytest is named by its own id, whatever its parameters are', () => {
    const id = '/shop/tests/test_a.py::TestCart::test_add[1-a b::c]';
    assert.deepEqual(selectTests([id], cwd, settings()), {
      framework: 'pytest',
      args: [id],
      name: 'c]',
    });
    assert.equal(selectTests(['/shop/test_a.py::test_b'], cwd, settings()).name, 'test_b');
    assert.equal(selectTests(['/shop/tests'], cwd, settings()).name, 'tests');
    assert.equal(selectTests(['/a.py::test_b', '/a.py::test_c'], cwd, settings()).name, 'test_b +1');
  });

  it('of pytest keeps the user’s options, not the folders that are run otherwise', () => {
    const pytestArgs = [
      'tests',
      '-x',
      '--rootdir',
      'tests',
      '-k',
      'fast',
      'more',
      '--cov=shop',
      '-p',
      'no:x',
    ];
    assert.deepEqual(selectTests(['/shop/test_a.py::test_b'], cwd, settings({ pytestArgs })).args, [
      ...['-x', '--rootdir', 'tests', '-k', 'fast', '--cov=shop', '-p', 'no:x'],
      '/shop/test_a.py::test_b',
    ]);
  });

  it('of unittest is named from its top folder', () => {
    const id = '/shop/tests/test_a.py\\TestCart\\test_add';
    assert.deepEqual(selectTests([id], cwd, unittest()), {
      framework: 'unittest',
      args: ['-t', '.', 'tests.test_a.TestCart.test_add'],
      name: 'test_add',
    });
    const start = ['-v', '-s', './tests', '-p', '*_test.py'];
    assert.deepEqual(selectTests([id], cwd, unittest(...start)).args, [
      ...['-t', './tests', 'test_a.TestCart.test_add'],
    ]);
    const top = ['--start-directory=tests', '--top-level-directory', '/shop'];
    assert.deepEqual(selectTests(['/shop/tests/test_a.py'], cwd, unittest(...top)).args, [
      ...['-t', '/shop', 'tests.test_a'],
    ]);
  });

  it('of unittest that is a folder is looked through', () => {
    assert.deepEqual(selectTests(['/shop/tests'], cwd, unittest('-p', '*_test.py', '-t', '.')).args, [
      ...['-s', '/shop/tests', '-p', '*_test.py', '-t', '.'],
    ]);
  });
});
