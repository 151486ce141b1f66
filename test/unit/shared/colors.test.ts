import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Color, contrastOf, cssOf, layOn, parseColor } from '../../../src/shared/colors';
import { frameColors } from '../../../src/shared/frameColors';
import { paletteFrom } from '../../../src/shared/framePalette';
import { functionKinds } from '../../../src/shared/profile';

function color(text: string): Color {
  const parsed = parseColor(text);
  assert.ok(parsed, text);
  return parsed;
}

test('reads every way in which VS Code writes a colour', () => {
  assert.deepEqual(color('#fff'), { red: 255, green: 255, blue: 255, alpha: 1 });
  assert.deepEqual(color(' #10203080 '), { red: 16, green: 32, blue: 48, alpha: 128 / 255 });
  assert.deepEqual(color('rgba(1, 2, 3, 0.5)'), { red: 1, green: 2, blue: 3, alpha: 0.5 });
  assert.deepEqual(color('rgb(1 2 3)'), { red: 1, green: 2, blue: 3, alpha: 1 });
  assert.equal(parseColor('var(--x)'), undefined);
  assert.equal(parseColor('#12345'), undefined);
});

test('contrast is that of the standard', () => {
  assert.equal(contrastOf(color('#000'), color('#fff')), 21);
  assert.ok(Math.abs(contrastOf(color('#767676'), color('#fff')) - 4.54) < 0.01);
  assert.equal(cssOf(layOn(color('#00000080'), color('#fff'))), 'rgba(127, 127, 127, 1)');
});

interface Manifest {
  readonly contributes: { readonly colors: readonly { id: string; defaults: Record<string, string> }[] };
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const themes = {
  dark: ['#1f1f1f', '#cccccc'],
  light: ['#ffffff', '#3b3b3b'],
  highContrast: ['#000000', '#ffffff'],
  highContrastLight: ['#ffffff', '#292929'],
} as const;

for (const [theme, [background, foreground]] of Object.entries(themes)) {
  test(`every text of a box holds 4.5:1 on its fill and its hatch in ${theme}`, () => {
    const of = (id: string): Color =>
      color(manifest.contributes.colors.find(known => known.id === `pyrolens.${id}`)?.defaults[theme] ?? '');
    const palette = paletteFrom({
      kinds: functionKinds.map(kind => of(`frame${kind[0]?.toUpperCase()}${kind.slice(1)}`)),
      text: of('frameText'),
      background: color(background),
      foreground: color(foreground),
      isHighContrast: theme.startsWith('high'),
    });
    for (const [index, style] of palette.styles.entries()) {
      for (const ground of [style.fill, style.hatch]) {
        if (ground === null) continue;
        for (const text of [style.text, style.dimText]) {
          const contrast = contrastOf(color(text), color(ground));
          assert.ok(contrast >= 4.45, `style ${index}: ${text} on ${ground} is ${contrast.toFixed(2)}`);
        }
      }
    }
  });
}

test('pictures outside the workbench have the colours that the extension contributes', () => {
  const ids = [...functionKinds.map(kind => `pyrolens.frame${kind[0]?.toUpperCase()}${kind.slice(1)}`)];
  for (const theme of ['dark', 'light'] as const) {
    const contributed = (id: string) => manifest.contributes.colors.find(at => at.id === id)?.defaults[theme];
    assert.deepEqual(ids.map(contributed), frameColors[theme].kinds);
    assert.equal(contributed('pyrolens.frameText'), frameColors[theme].text);
    assert.deepEqual([frameColors[theme].background, frameColors[theme].foreground], themes[theme]);
  }
});
