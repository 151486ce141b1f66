/**
 * Which words stand in a box, and where. Pure: text widths come from a `measure` function, so the rules can be
 * tested without a canvas.
 *
 *     | name   place    source line …           31% · 412 ms |
 */
import { trimToWidth } from '../canvas/trimText';

export type LabelPart = 'name' | 'place' | 'source' | 'numbers';
export type Measure = (text: string, part: LabelPart) => number;

export interface PlacedText {
  readonly part: LabelPart;
  readonly text: string;
  /** Pixels from the box's left edge. */
  readonly xPx: number;
}

export interface LabelTexts {
  readonly name: string;
  readonly place: string;
  readonly numbers: string;
  /** Source line, empty when unknown. */
  readonly source: string;
}

/** Distances in the same pixels that `measure` answers in. */
export interface LabelSpacing {
  readonly paddingPx: number;
  readonly gapPx: number;
  /** A source line gets no less than this. */
  readonly minSourcePx: number;
}

/**
 * Places a label: the name first, then the numbers at the right edge, the place, and the source line in what is
 * left. A part that does not fit whole is left out; only the name and the source line may be shortened.
 */
export function layoutLabel(
  texts: LabelTexts,
  widthPx: number,
  font: { measure: Measure; spacing: LabelSpacing },
): PlacedText[] {
  const { measure, spacing } = font;
  const available = widthPx - 2 * spacing.paddingPx;
  const name = trimToWidth(texts.name, available, text => measure(text, 'name'));
  if (name === '') return [];
  const placed: PlacedText[] = [{ part: 'name', text: name, xPx: spacing.paddingPx }];
  if (name !== texts.name) return placed;

  let left = spacing.paddingPx + measure(name, 'name') + spacing.gapPx;
  let right = widthPx - spacing.paddingPx;
  const numbersWidth = measure(texts.numbers, 'numbers');
  if (texts.numbers !== '' && left + numbersWidth <= right) {
    right -= numbersWidth;
    placed.push({ part: 'numbers', text: texts.numbers, xPx: right });
    right -= spacing.gapPx;
  }
  const placeWidth = measure(texts.place, 'place');
  if (texts.place !== '' && left + placeWidth <= right) {
    placed.push({ part: 'place', text: texts.place, xPx: left });
    left += placeWidth + spacing.gapPx * 2;
  }
  return placeSource(texts.source, placed, { left, right, font });
}

function placeSource(
  source: string,
  placed: PlacedText[],
  room: { left: number; right: number; font: { measure: Measure; spacing: LabelSpacing } },
): PlacedText[] {
  const { measure, spacing } = room.font;
  const roomPx = room.right - room.left;
  if (source === '' || roomPx < spacing.minSourcePx) return placed;
  const text = trimToWidth(source, roomPx, part => measure(part, 'source'));
  if (text !== '') placed.push({ part: 'source', text, xPx: room.left });
  return placed;
}
