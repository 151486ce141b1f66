import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions, readSettings } from '../../../src/server/options';
import { settingDefaults } from '../../../src/shared/settings';

test('settings are read nested, flat, below their section, and checked', () => {
  assert.equal(readSettings({ inline: { threshold: 3 } })['inline.threshold'], 3);
  assert.equal(readSettings({ 'inline.threshold': 4 })['inline.threshold'], 4);
  assert.equal(readSettings({ pyrolens: { inline: { threshold: 5 } } })['inline.threshold'], 5);
  assert.equal(readSettings({ inline: { threshold: 'much' } })['inline.threshold'], 0.5);
  for (const value of [undefined, null, 3, [], 'x']) assert.deepEqual(readSettings(value), settingDefaults);
});

test('translations are texts or objects with a message', () => {
  const { l10n } = readOptions({ l10n: { a: 'ä', b: { message: 'ö', comment: [] }, c: 3 } });
  assert.deepEqual(l10n, { a: 'ä', b: 'ö' });
});
