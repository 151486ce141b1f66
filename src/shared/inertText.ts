/**
 * Names of functions, files and threads come from files that anybody may have made. Where one leaves for the user it
 * goes through `inert`, so that it cannot steer a terminal, turn the text around it or hide a part of itself. Markup of
 * the place it goes to (Markdown, icons, links) is that place's own affair.
 */

/**
 * Control characters, bidirectional marks, embeddings, overrides and isolates, invisible spaces and operators, line
 * separators, annotations, tags, and halves of surrogate pairs. Joiners (U+200C, U+200D) stay: scripts and emoji need them.
 */
const activeRanges =
  '0-1f 7f-9f ad 61c 180e 200b 200e-200f 2028-202e 2060-206f feff fff9-fffb e0000-e007f d800-dfff';
const active = new RegExp(
  `[${activeRanges.replace(/[0-9a-f]+/g, code => `\\u{${code}}`).replaceAll(' ', '')}]`,
  'gu',
);

/** The text with every such character shown as its code: `⟨U+202E⟩`. */
export function inert(text: string): string {
  return text.replace(active, character => `⟨${codeName(character)}⟩`);
}

/** A line of source code: its tabs are spaces for the reader, all else is as in `inert`. */
export function inertCode(line: string): string {
  return inert(line.replaceAll('\t', '    '));
}

/** For texts in which VS Code draws `$(icons)` and follows `[links](command:…)`: neither can begin in a name. */
export function inertLabel(text: string): string {
  return inert(text).replaceAll('$(', '$ (').replaceAll('](', '] (');
}

/** JSON that means the same and that a terminal can show: such characters are escaped as `\u202e`. */
export function inertJson(json: string): string {
  return json.replace(active, character => {
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

function codeName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
