/** Every input that the fuzzer ever found a fault with (`test/fuzz/cases/<format>/`). */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { formats } from '../../../src/server/parse';
import { attempt, valueTypes } from '../../fuzz/attempt';
import { caseFolderOf } from '../../fuzz/fuzz';

const folder = join('test', 'fuzz', 'cases');
const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : [];

for (const name of files.filter(file => dirname(file) !== '.')) {
  test(`${name} is read without a fault`, async () => {
    const format = formats.find(candidate => caseFolderOf(candidate.name) === basename(dirname(name)));
    assert.ok(format !== undefined, 'its format is known');
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    for (const valueType of valueTypes) {
      assert.equal(await attempt(bytes, formats, format, valueType), undefined);
    }
  });
}
