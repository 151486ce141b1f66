import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { serverStringsEnglish } from '../../../src/server/strings';
import { denialSentences } from '../../../src/shared/attachDenials';
import { exportFormats } from '../../../src/shared/exportFormats';
import { panelStringsEnglish } from '../../../src/shared/panelMessages';
import { preflightTexts } from '../../../src/shared/preflight';

const bundlePath = 'media/l10n/bundle.l10n.json';

/** Every text that is translated at run time: the host's calls, and the lists of the webview, the server, the checks before a run, refusals and the formats. */
function allTexts(): string[] {
  const host = hostFiles().flatMap(path => textsIn(readFileSync(path, 'utf8')));
  const lists = [panelStringsEnglish, serverStringsEnglish, preflightTexts, denialSentences].flatMap(list =>
    Object.values(list),
  );
  const formats = exportFormats.map(format => format.detail);
  return [...new Set([...host, ...lists, ...formats])].sort();
}

function hostFiles(): string[] {
  const paths = readdirSync('src/host', { recursive: true, encoding: 'utf8' });
  return paths.filter(path => path.endsWith('.ts')).map(path => join('src/host', path));
}

function textsIn(source: string): string[] {
  return [...source.matchAll(/l10n\.t\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g)].map(match =>
    JSON.parse(
      `"${(match[1] ?? '')
        .slice(1, -1)
        .replace(/\\'/g, "'")
        .replace(/(?<!\\)"/g, '\\"')}"`,
    ),
  );
}

describe('the texts to translate', () => {
  it('are all in the bundle, and nothing else is; UPDATE_TEXTS=1 writes it', () => {
    const expected = Object.fromEntries(allTexts().map(text => [text, text]));
    if (process.env['UPDATE_TEXTS'] === '1')
      writeFileSync(bundlePath, `${JSON.stringify(expected, null, 2)}\n`);
    assert.deepEqual(JSON.parse(readFileSync(bundlePath, 'utf8')), expected);
  });

  it('leave no message of the host untranslated', () => {
    for (const path of hostFiles()) {
      const source = readFileSync(path, 'utf8');
      assert.doesNotMatch(source, /show(?:Error|Warning|Information)Message\(\s*['"`]/, path);
    }
  });
});
