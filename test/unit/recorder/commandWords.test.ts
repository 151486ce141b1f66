import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitWords } from '../../../src/recorder/commandWords';

describe('the words of a command line', () => {
  it('are separated by blanks, and grouped by quotes', () => {
    assert.deepEqual(splitWords(`--size 3  "a b" 'c "d"' e"f g"h`), ['--size', '3', 'a b', 'c "d"', 'ef gh']);
    assert.deepEqual(splitWords('  '), []);
    assert.deepEqual(splitWords(`'' ""`), ['', '']);
  });

  it('keep what a backslash stands before', () => {
    assert.deepEqual(splitWords(String.raw`a\ b "c\"d" 'e\f' "g\h"`), ['a b', 'c"d', 'e\\f', 'g\\h']);
  });

  it('keep backslashes that are a Windows path', () => {
    assert.deepEqual(splitWords(String.raw`C:\data\new "D:\a b" \"x`, true), [
      'C:\\data\\new',
      'D:\\a b',
      '"x',
    ]);
  });

  it('end with the text when a quote is left open', () => {
    assert.deepEqual(splitWords('a "b c'), ['a', 'b c']);
  });
});
