/** A line of a function; both 1-based. */
interface Place {
  readonly line: number;
  readonly firstLine: number;
}

/** True when a statement that matches encloses the line: from there up, those that are indented less. */
export function isEnclosedBy(lines: readonly string[], { line, firstLine }: Place, opens: RegExp): boolean {
  let indent = indentOf(lines[line - 1] ?? '');
  for (let above = line - 1; above >= Math.max(1, firstLine); above--) {
    const text = lines[above - 1] ?? '';
    if (text.trim() === '' || indentOf(text) >= indent) continue;
    if (opens.test(text)) return true;
    indent = indentOf(text);
  }
  return false;
}

/** The source of the function that has the line: it ends where a line stands no deeper than its first one. */
export function functionText(lines: readonly string[], { line, firstLine }: Place): string {
  const first = Math.max(1, firstLine);
  const indent = indentOf(lines[first - 1] ?? '');
  let end = line;
  while (end < lines.length && isDeeper(lines[end] ?? '', indent)) end++;
  return lines.slice(first - 1, end).join('\n');
}

function isDeeper(text: string, indent: number): boolean {
  return text.trim() === '' || indentOf(text) > indent;
}

function indentOf(text: string): number {
  return text.search(/\S|$/);
}
