/**
 * Splits a command line into words as a POSIX shell does, without expanding anything: quotes group, a backslash takes
 * the next character as it is (on Windows, `keepsBackslashes`, only before a quote). An open quote ends with the text.
 */
export function splitWords(text: string, keepsBackslashes = false): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? '';
    const next = text[index + 1] ?? '';
    if (isEscape({ character, next, quote, keepsBackslashes })) {
      word = (word ?? '') + next;
      index++;
    } else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  return word === undefined ? words : [...words, word];
}

function isEscape(at: {
  character: string;
  next: string;
  quote: string;
  keepsBackslashes: boolean;
}): boolean {
  if (at.character !== '\\' || at.next === '' || at.quote === "'") return false;
  if (at.keepsBackslashes) return at.next === '"';
  return at.quote === '' || '"\\$`'.includes(at.next);
}
