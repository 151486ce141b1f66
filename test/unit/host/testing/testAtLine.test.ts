import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testAtLine } from '../../../../src/host/testing/testAtLine';

const source = `import unittest

def helper():
    return 1

def test_plain():
    def inner():
        return 2

    assert inner() == 2

class TestCart(unittest.TestCase):
    size = 3

    async def test_add(self):
        items = [
            1,
        ]
        assert items

    def build(self):
        return helper()

class Store:
    def test_like(self):
        pass

print(test_plain)
`.split('\n');
const at = (text: string) =>
  testAtLine(
    source,
    source.findIndex(line => line.includes(text)),
  );

describe('the test at a line', () => {
  it('is the function around it, with its class', () => {
    assert.deepEqual(at('def test_plain'), ['test_plain']);
    assert.deepEqual(at('return 2'), ['test_plain']);
    assert.deepEqual(at('assert inner'), ['test_plain']);
    assert.deepEqual(at('async def test_add'), ['TestCart', 'test_add']);
    assert.deepEqual(at('assert items'), ['TestCart', 'test_add']);
  });

  it('is the whole class where the line is in none of its tests', () => {
    assert.deepEqual(at('class TestCart'), ['TestCart']);
    assert.deepEqual(at('size = 3'), ['TestCart']);
    assert.deepEqual(at('return helper()'), ['TestCart']);
  });

  it('is none elsewhere', () => {
    for (const text of ['import unittest', 'return 1', 'print(', 'class Store']) {
      assert.equal(at(text), undefined, text);
    }
  });
});
