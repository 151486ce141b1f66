import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pythonInShebang, shebangPython } from '../../../src/recorder/shebang';
import { temporaryFolder } from './launcherRig';

describe('a script’s first line', () => {
  it('names a Python, directly or through env', () => {
    assert.deepEqual(pythonInShebang('#!/usr/bin/python3.12'), ['/usr/bin/python3.12']);
    assert.deepEqual(pythonInShebang('#! /opt/pypy3/bin/pypy3 -u'), ['/opt/pypy3/bin/pypy3', '-u']);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env python3'), ['python3']);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env -S python3 -X dev'), ['python3', '-X', 'dev']);
    assert.deepEqual(pythonInShebang('#!python3.14t'), ['python3.14t']);
  });

  it('may name something else, or nothing', () => {
    for (const line of ['#!/bin/sh', '#!/usr/bin/env -S uv run --script', '# python3', '', '#!']) {
      assert.equal(pythonInShebang(line), undefined, line);
    }
  });

  it('is read from the file', async () => {
    const path = join(temporaryFolder(), 'tool');
    writeFileSync(path, '#!/usr/bin/env python3\r\nprint(1)\n');
    assert.deepEqual(await shebangPython(path), ['python3']);
  });
});
