import { element } from '../elements';
import type { Theme } from '../theme';
import { familyAt, familyLooks } from './families';
import { gapPaletteOf } from './gapPalette';
import { hatchPattern } from './hatches';

/** A swatch in a family's colour and hatch, in CSS pixels. */
export function familyChip(
  theme: Theme,
  family: number,
  size: { readonly widthPx: number; readonly heightPx: number },
): HTMLCanvasElement {
  const ratio = window.devicePixelRatio || 1;
  const chip = element('canvas', { class: 'gap-chip', attributes: { 'aria-hidden': 'true' } });
  chip.width = Math.round(size.widthPx * ratio);
  chip.height = Math.round(size.heightPx * ratio);
  chip.style.width = `${size.widthPx}px`;
  chip.style.height = `${size.heightPx}px`;
  const pen = chip.getContext('2d');
  const style = gapPaletteOf(theme).listed[family];
  if (!pen || !style) return chip;
  const { hatch } = familyLooks[familyAt(family)];
  const pattern = hatchPattern(pen, hatch, { color: style.line, ratio });
  for (const paint of [style.fill, pattern]) {
    if (paint === null) continue;
    pen.fillStyle = paint;
    pen.fillRect(0, 0, chip.width, chip.height);
  }
  const line = Math.max(1, Math.round(ratio));
  pen.strokeStyle = style.line;
  pen.lineWidth = line;
  pen.strokeRect(line / 2, line / 2, chip.width - line, chip.height - line);
  return chip;
}
