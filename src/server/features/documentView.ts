import { identityMap, type LineMap, lineMap, splitLines } from '../analyze/lineMap';
import type { OpenRun } from '../loadedRun';

/** A document's present text. */
export interface PresentText {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
}

/** A measured file in an editor: which it is, and where its recorded lines are in the present text. */
export interface DocumentView {
  readonly uri: string;
  /** Index into the profile's strings. */
  readonly file: number;
  readonly presentLines: readonly string[];
  /** Undefined when the recorded text is unknown; then lines stand where they were. */
  readonly recordedLines: readonly string[] | undefined;
  readonly map: LineMap;
}

/** Makes views of documents and keeps the latest of each document. */
export class DocumentViews {
  private readonly views = new Map<string, { key: string; view: DocumentView | undefined }>();

  /** The view of a document on a run, undefined when the run did not measure it. */
  view(open: OpenRun, present: PresentText): DocumentView | undefined {
    const hasText = open.run.manifest.sources !== undefined;
    const key = `${open.run.id} ${present.version} ${hasText} ${present.text.length}`;
    const known = this.views.get(present.uri);
    if (known?.key === key) return known.view;
    const view = documentView(open, present);
    this.views.set(present.uri, { key, view });
    return view;
  }

  /** Forgets a closed document. */
  forget(uri: string): void {
    this.views.delete(uri);
  }

  /** Forgets everything: a run was read anew. */
  clear(): void {
    this.views.clear();
  }
}

function documentView(open: OpenRun, present: PresentText): DocumentView | undefined {
  const file = open.paths.fileOfDocument(present.uri);
  if (file === undefined) return undefined;
  const recorded = open.recordedText(file);
  return {
    uri: present.uri,
    file,
    presentLines: splitLines(present.text),
    recordedLines: recorded === undefined ? undefined : splitLines(recorded),
    map: recorded === undefined ? identityMap : lineMap(recorded, present.text),
  };
}

/**
 * The line of a function's `def` in the recorded text: Python counts a function from its first decorator on.
 * Undefined for code that has no `def` (modules, lambdas, comprehensions).
 */
export function defLine(view: DocumentView, name: string, firstLine: number): number | undefined {
  if (firstLine <= 0 || name.slice(name.lastIndexOf('.') + 1).startsWith('<')) return undefined;
  if (view.recordedLines === undefined) return firstLine;
  const pattern = /^\s*(?:async\s+)?def\b/;
  for (
    let line = firstLine;
    line <= Math.min(view.recordedLines.length, firstLine + maxDecoratorLines);
    line++
  ) {
    if (pattern.test(view.recordedLines[line - 1] ?? '')) return line;
    if (line === firstLine && !/^\s*@/.test(view.recordedLines[line - 1] ?? '')) return undefined;
  }
  return undefined;
}

const maxDecoratorLines = 60;
