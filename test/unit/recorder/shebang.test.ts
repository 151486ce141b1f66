import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { pythonInShebang, shebangPython } from '../../../src/recorder/shebang';
import { temporaryFolder } from './launcherRig';

describe('a script’s first line', () => {
  it('names a Python, directly or through env', () => {
    assert.deepEqual(pythonInShebang('#!/usr/bin/python3.12'), ['/usr/bin/python3.12']);
    assert.deepEqual(pythonInShebang('#! /opt/pypy3/bin/pypy3 -u'), ['/opt/pypy3/bin/pypy3', '-u']);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env python3'), ['python3']);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env -S python3 -X dev'), ['python3', '-X', 'dev']);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env -S "python3" -u'), ['python3', '-u']);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env -Spython3 -u'), ['python3', '-u']);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env --split-string=python3 -u'), ['python3', '-u']);
    assert.deepEqual(pythonInShebang('#!python3.14t'), ['python3.14t']);
  });

  it('keeps env where it does more than look for Python', () => {
    const inEnv = ['/usr/bin/env', 'LANG=C', 'python3', '-u'];
    assert.deepEqual(pythonInShebang('#!/usr/bin/env -S LANG=C python3 -u'), inEnv);
    assert.deepEqual(pythonInShebang('#!/usr/bin/env -S -i python3'), ['/usr/bin/env', '-i', 'python3']);
  });

  it('may lead to a second line, by which installers name a Python in a folder with spaces', async () => {
    const path = join(await realpath(temporaryFolder()), 'tool');
    const lines = [
      [`'''exec' "/a b/bin/python3" "$0" "$@"`, ['/a b/bin/python3']],
      [`'''exec' '/a b/bin/python' "$0" "$@"`, ['/a b/bin/python']],
      [
        `'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python3' "$0" "$@"`,
        [join(dirname(path), 'python3')],
      ],
      ['exec python3 "$0"', undefined],
    ] as const;
    for (const [line, command] of lines) {
      writeFileSync(path, `#!/bin/sh\n${line}\n' '''\nprint(1)\n`);
      assert.deepEqual(await shebangPython(path), command, line);
    }
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
