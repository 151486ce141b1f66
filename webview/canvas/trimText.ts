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
