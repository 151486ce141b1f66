/** Names come from foreign programs and files: these make them harmless where they are written down. */

/** Characters that move, hide or reorder text in an editor or a terminal. */
const treacherous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What no XML and no UTF-8 can hold. */
const impossible = /[\p{Cs}\ufffe\uffff]/gu;

/** A value as JSON. Control and bidirectional characters are escaped, so that the file can be looked at. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(treacherous, escaped);
}

function escaped(character: string): string {
  return character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Text for formats without escapes: control characters become their pictures (`␊`), treacherous ones `�`. */
export function plainText(text: string): string {
  return text
    .replace(treacherous, character => (character < ' ' ? controlPicture(character) : '\ufffd'))
    .replace(impossible, '\ufffd');
}

function controlPicture(character: string): string {
  return String.fromCharCode(0x2400 + character.charCodeAt(0));
}

/** The same for XML text and attributes. */
export function xmlText(text: string): string {
  return plainText(text).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
