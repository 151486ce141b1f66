import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Color, contrastOf, parseColor } from '../../../../src/shared/colors';
import { colors } from '../../../../src/shared/contributions';
import { type GapFamily, gapClassIds, gapFamilies } from '../../../../src/shared/gaps';
import { panelStringsEnglish } from '../../../../src/shared/panelMessages';
import { familyAt, familyIndex, familyLooks } from '../../../../webview/gaps/families';
import { indexGaps, readGap } from '../../../../webview/gaps/gapIndex';
import { gapPaletteOf } from '../../../../webview/gaps/gapPalette';
import { gapLabels, gapWord, groupAsText } from '../../../../webview/gaps/gapTexts';
import { hatchNames } from '../../../../webview/gaps/hatches';
import { gapsOf, groupNamed } from './sampleViews';

test('no two families share a hatch or a word, and each hatch is used', () => {
  const looks = gapFamilies.map(family => familyLooks[family]);
  assert.deepEqual(new Set(looks.map(look => look.hatch)), new Set(hatchNames));
  assert.equal(hatchNames.length, gapFamilies.length);
  assert.equal(new Set(looks.map(look => panelStringsEnglish[look.word])).size, gapFamilies.length);
});

test('numbers and names of families lead to each other, and what is strange is unknown', () => {
  assert.equal(familyAt(familyIndex('io')), 'io');
  assert.equal(familyAt(99), 'unknown');
  assert.equal(familyAt(familyIndex('of a newer server')), 'unknown');
});

interface Manifest {
  readonly contributes: { readonly colors: readonly { id: string; defaults: Record<string, string> }[] };
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const grounds = {
  dark: ['#1f1f1f', '#cccccc'],
  light: ['#ffffff', '#3b3b3b'],
  highContrast: ['#000000', '#ffffff'],
  highContrastLight: ['#ffffff', '#292929'],
} as const;

function color(text: string | undefined): Color {
  const parsed = parseColor(text ?? '');
  assert.ok(parsed, text);
  return parsed;
}

function contributed(family: GapFamily, theme: string): Color {
  const key = `gap${family[0]?.toUpperCase()}${family.slice(1)}` as keyof typeof colors;
  const found = manifest.contributes.colors.find(entry => entry.id === colors[key]);
  return color(found?.defaults[theme]);
}

for (const [theme, [background, foreground]] of Object.entries(grounds)) {
  test(`in ${theme} outlines hold 3:1 on the ground, and words 4.5:1 on their fill`, () => {
    const palette = gapPaletteOf({
      background: color(background),
      foreground: color(foreground),
      dimForeground: color(foreground),
      gapFamilies: gapFamilies.map(family => contributed(family, theme)),
      isHighContrast: theme.startsWith('high'),
    });
    for (const [family, style] of palette.listed.entries()) {
      const outline = contrastOf(color(style.line), color(background));
      assert.ok(outline >= 3, `${familyAt(family)}: ${outline.toFixed(2)}`);
    }
    for (const style of [...palette.listed, ...palette.faint]) {
      assert.ok(contrastOf(color(style.text), color(style.fill)) >= 4.45, `${style.text} on ${style.fill}`);
    }
  });

  test(`in ${theme} the colours of any two families differ for every kind of colour vision`, () => {
    for (const [vision, matrix] of Object.entries(visions)) {
      for (const [at, one] of gapFamilies.entries()) {
        for (const other of gapFamilies.slice(at + 1)) {
          const seen = [one, other].map(family => labOf(seenAs(contributed(family, theme), matrix)));
          const distance = Math.hypot(
            ...(seen[0] ?? []).map((value, axis) => value - (seen[1]?.[axis] ?? 0)),
          );
          assert.ok(distance >= 8, `${vision}: ${one} and ${other} are ${distance.toFixed(1)} apart`);
        }
      }
    }
  });
}

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear channels. */
const visions: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'without red': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'without green': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'without blue': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function seenAs({ red, green, blue }: Color, matrix: readonly (readonly number[])[]): number[] {
  const channels = [red, green, blue].map(linear);
  return matrix.map(row => row.reduce((sum, part, at) => sum + part * (channels[at] ?? 0), 0));
}

/** CIE L*a*b* of linear sRGB under D65. */
function labOf([red = 0, green = 0, blue = 0]: readonly number[]): number[] {
  const curve = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const gap = readGap(indexGaps(gapsOf([[0, 4.25e9, 4.312e9, 0]])), 0);

test('a gap says what it is, how long, and where, as far as there is room', () => {
  assert.ok(gap);
  const [widest, ...narrower] = gapLabels(panelStringsEnglish, gap, groupNamed('Blocked', 72));
  assert.equal(widest, '\u23f8sleep 62 ms · agent.py:72');
  assert.deepEqual(narrower, ['\u23f8sleep 62 ms', 'sleep 62 ms', '62 ms', 'sleep']);
});

test('where nobody is delayed, a gap that has no room for its word says nothing', () => {
  assert.ok(gap);
  const labels = gapLabels(panelStringsEnglish, { ...gap, isBenign: true }, undefined);
  assert.deepEqual(labels, ['\u23f8sleep 62 ms', 'sleep 62 ms']);
});

test('of a blocked loop the word is what it did, and without a group the family', () => {
  assert.ok(gap);
  const group = { ...groupNamed('Blocked', 72), classId: 'loop.blocked(io.dns)' };
  assert.equal(gapWord(panelStringsEnglish, gap, group), 'DNS');
  assert.equal(gapWord(panelStringsEnglish, gap, undefined), 'sleep');
});

test('every class has a word', () => {
  assert.ok(gap);
  for (const classId of gapClassIds) {
    assert.notEqual(gapWord(panelStringsEnglish, gap, { ...groupNamed('', 1), classId }), '');
  }
});

test('a group is copied as text that stands alone', () => {
  assert.equal(
    groupAsText(panelStringsEnglish, groupNamed('Event loop blocked by a sleep', 72)),
    [
      'Event loop blocked by a sleep (strong evidence)',
      'time.sleep() stopped the loop.',
      'Delay: 868 ms',
      'Waited: 868 ms · ×14 · longest 64 ms',
      'Blamed line: speak agent.py:72: time.sleep(0.06)',
      'What helps: Use asyncio.sleep().',
      'Evidence: CPU 0.1 of 62 ms; clock_nanosleep',
      'On: MainThread',
    ].join('\n'),
  );
});
