import type { Range } from 'vscode-languageserver';

/**
 * The one place where 1-based lines of profiles become the 0-based lines of the protocol, and back.
 */
export function lspLine(line: number): number {
  return Math.max(0, line - 1);
}

/** 1-based line of a 0-based one. */
export function profileLine(lspLineNumber: number): number {
  return lspLineNumber + 1;
}

/** The empty range at the start of a 1-based line. */
export function lineStart(line: number): Range {
  const start = { line: lspLine(line), character: 0 };
  return { start, end: start };
}
