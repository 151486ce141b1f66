/**
 * Which words stand in a box, and where. Pure: text widths come from a `measure` function, so the rules can be
 * tested without a canvas.
 *
 *     | name   place    source line …           31% · 412 ms |
 */
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

/** Fewer characters than this before an ellipsis tell nothing. */
const fewestCharacters = 2;

/**
 * Shortens a text with an ellipsis to fit, never in the middle of a character. Empty when so little would be left
 * that it says nothing.
 */
export function trimToWidth(text: string, widthPx: number, measure: (text: string) => number): string {
  if (widthPx <= 0) return '';
  if (measure(text) <= widthPx) return text;
  const characters = charactersOf(text);
  let low = 0;
  let high = characters.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(shortened(characters, middle)) <= widthPx) low = middle;
    else high = middle - 1;
  }
  if (low < fewestCharacters) return '';
  return shortened(characters, low);
}

function shortened(characters: readonly string[], count: number): string {
  return `${characters.slice(0, count).join('').trimEnd()}…`;
}

/** What a reader takes for one character: an accent or a joined emoji stays whole. */
function charactersOf(text: string): readonly string[] {
  if (/^[\x20-\x7e]*$/.test(text)) return text.split('');
  return [...new Intl.Segmenter().segment(text)].map(part => part.segment);
}
