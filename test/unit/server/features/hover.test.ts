import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeMarkdown } from '../../../../src/server/features/hover';

test('nothing in a profile becomes markup, a command link or the end of a table cell', () => {
  const hostile = '[x](command:evil) <img src=x> | `code` ![i](h) $(flame) \\ *b*\n# head';
  const escaped = escapeMarkdown(hostile);
  assert.doesNotMatch(escaped, /(?<!\\)[[\]|`*$#!]/);
  assert.doesNotMatch(escaped, /[<>\n]/);
});
