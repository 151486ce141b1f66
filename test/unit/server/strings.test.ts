import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { say, serverStringsEnglish, translate } from '../../../src/server/strings';

after(() => translate({}));

test('placeholders are filled in any order, and missing values stay visible', () => {
  translate({ '{0}, ± {1}': '± {1} bei {0}' });
  assert.equal(say('samplesError', '41', '15%'), '± 15% bei 41');
  assert.equal(say('exitCode'), 'exit code {0}');
});

test('every text is used somewhere', () => {
  const folder = join(process.cwd(), 'src', 'server');
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  const unused = Object.keys(serverStringsEnglish).filter(key => !sources.includes(`'${key}'`));
  assert.deepEqual(unused, []);
});
