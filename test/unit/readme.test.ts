import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { engineTable } from '../../src/shared/engines';
import { engineTables, readMeasured, readmeWith } from '../accuracy/readmeTable.mjs';

test('the README’s tables of engines are those of the code and of the last measurement', () => {
  const expected = readmeWith(engineTables(engineTable, readMeasured()));
  assert.equal(readFileSync('README.md', 'utf8'), expected, 'npm run accuracy -- engines --write-readme');
});
