/** Turns recorded columns into the editor's. This is the only place that knows that Python counts UTF-8 bytes. */

/** UTF-16 column of a UTF-8 byte column in a line. Columns past the end stop at it. */
export function utf16Column(line: string, utf8Column: number): number {
  let bytes = 0;
  let column = 0;
  while (column < line.length && bytes < utf8Column) {
    const code = line.codePointAt(column) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    column += code < 0x10000 ? 1 : 2;
  }
  return column;
}

/**
 * The column in `present` of the character at `column` in `recorded`, when the two lines differ only in white space:
 * the n-th visible character stays the n-th visible character.
 */
export function carryColumn(recorded: string, present: string, column: number): number {
  if (recorded === present) return column;
  const visible = visibleCount(recorded.slice(0, column));
  const isStart = /\S/.test(recorded.charAt(column));
  let seen = 0;
  for (let at = 0; at < present.length; at++) {
    if (!/\S/.test(present.charAt(at))) continue;
    if (seen === visible && isStart) return at;
    seen++;
    if (seen === visible && !isStart) return at + 1;
  }
  return present.length;
}

function visibleCount(text: string): number {
  return text.replace(/\s+/g, '').length;
}
