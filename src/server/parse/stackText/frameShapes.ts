/** How text formats spell one frame. Each reader answers undefined for a piece that is no whole frame. */

/** A frame as a text format knows it. Line 0 is unknown. */
export interface FrameText {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export type FrameReader = (text: string) => FrameText | undefined;

const place = /^ \((.+?)(?::(\d{1,9}))?\)$/s;

/**
 * py-spy's `name (file:line)`, `name (file)` without a line, or a bare name. The place is what the parenthesis at the
 * end encloses: names like `operator() (int)` and files with spaces stay whole. A frame whose parenthesis does
 * not close is no whole frame: its path holds a semicolon.
 */
export function locatedFrame(text: string): FrameText | undefined {
  if (!text.includes(' (')) return bareFrame(text);
  if (!text.endsWith(')')) return undefined;
  const opening = openingOfLast(text);
  const match = place.exec(text.slice(opening));
  if (match === null) return bareFrame(text);
  return { name: text.slice(0, opening), file: match[1] ?? '', line: Number(match[2] ?? 0) };
}

/** Where the ` (` stands that the last character closes; files may hold parentheses of their own. */
function openingOfLast(text: string): number {
  let depth = 0;
  for (let at = text.length - 1; at > 0; at--) {
    if (text[at] === ')') depth++;
    else if (text[at] === '(' && --depth === 0) return text[at - 1] === ' ' ? at - 1 : text.lastIndexOf(' (');
  }
  return text.lastIndexOf(' (');
}

const colons = /^(.*):([^:]*):(-?\d{1,9})$/s;

/** `file:function:line`, split from the right: files hold colons («C:\…»). Special frames are read by name. */
export function colonFrame(text: string): FrameText | undefined {
  const special = specialFrames.get(text);
  if (special !== undefined) return bareFrame(special);
  const match = colons.exec(text);
  if (match === null) return undefined;
  const [, file = '', name = '', line = ''] = match;
  return { name, file: file === '~' ? '' : file, line: Math.max(0, Number(line)) };
}

const specialFrames: ReadonlyMap<string, string> = new Map([
  [':GC:', '<GC>'],
  [':INVALID:', '<invalid>'],
  ['<GC>', '<GC>'],
  ['<native>', '<native>'],
]);

const oldAustin = /^(.*) \((.*)\);L(\d{1,9})$/s;

/** Austin's frames: `file:function:line`, before 3.0 `function (file);L12`. */
export function austinFrame(text: string): FrameText | undefined {
  const frame = colonFrame(text);
  if (frame !== undefined) return frame;
  const match = oldAustin.exec(text);
  return match === null ? undefined : { name: match[1] ?? '', file: match[2] ?? '', line: Number(match[3]) };
}

/** A frame of which only the name is known. */
export function bareFrame(name: string): FrameText {
  return { name, file: '', line: 0 };
}

const pythonFile = /\.(?:pyx?|pyw|ipynb):[^:]*:\d{1,9}$/;

/** A frame out of a file that no known profiler wrote: any of the shapes, else a bare name. */
export function anyFrame(text: string): FrameText {
  if (pythonFile.test(text)) return colonFrame(text) ?? bareFrame(text);
  return text.endsWith(')') ? (locatedFrameWithLine(text) ?? bareFrame(text)) : bareFrame(text);
}

/** `f (int)` is a C++ signature, not a place: without a line the parenthesis tells nothing. */
function locatedFrameWithLine(text: string): FrameText | undefined {
  const frame = locatedFrame(text);
  return frame !== undefined && frame.line > 0 ? frame : undefined;
}
