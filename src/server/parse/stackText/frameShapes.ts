/** How text formats spell one frame. Each reader answers undefined for a piece that is no whole frame. */

/** A frame as a text format knows it. Line 0 is unknown. */
export interface FrameText {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export type FrameReader = (text: string) => FrameText | undefined;

/**
 * py-spy's `name (file:line)`, `name (file)` without a line, or a bare name. The place is what the parenthesis at the
 * end encloses: names like `operator() (int)` and files with spaces stay whole. A frame whose parenthesis does
 * not close is no whole frame: its path holds a semicolon.
 */
export function locatedFrame(text: string): FrameText | undefined {
  if (!text.includes(' (')) return bareFrame(text);
  if (!text.endsWith(')')) return undefined;
  const nameEnd = openingOfLast(text);
  const name = text.slice(0, nameEnd);
  const place = text.slice(nameEnd + 2, -1);
  if (place === '') return bareFrame(text);
  const colon = place.lastIndexOf(':');
  const line = colon < 1 ? Number.NaN : lineOf(place, colon + 1);
  return Number.isNaN(line) ? { name, file: place, line: 0 } : { name, file: place.slice(0, colon), line };
}

const maxLineDigits = 9;

/** The number that a text ends with, from `start` on; NaN when that is none. */
function lineOf(text: string, start: number): number {
  const length = text.length - start;
  if (length < 1 || length > maxLineDigits) return Number.NaN;
  let line = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    line = line * 10 + digit;
  }
  return line;
}

const opening = 0x28;
const closing = 0x29;

/** Where the ` (` stands that the last character closes; files may hold parentheses of their own. */
function openingOfLast(text: string): number {
  let depth = 0;
  for (let at = text.length - 1; at > 0; at--) {
    const code = text.charCodeAt(at);
    if (code === closing) depth++;
    else if (code === opening && --depth === 0) return text[at - 1] === ' ' ? at - 1 : text.lastIndexOf(' (');
  }
  return text.lastIndexOf(' (');
}

/** `file:function:line`, split from the right: files hold colons («C:\…»). Special frames are read by name. */
export function colonFrame(text: string): FrameText | undefined {
  const special = specialFrames.get(text);
  if (special !== undefined) return bareFrame(special);
  const second = text.lastIndexOf(':');
  const first = second < 1 ? -1 : text.lastIndexOf(':', second - 1);
  if (first < 0) return undefined;
  const isNegative = text.charCodeAt(second + 1) === minus;
  const line = lineOf(text, second + (isNegative ? 2 : 1));
  if (Number.isNaN(line)) return undefined;
  const file = text.slice(0, first);
  return { name: text.slice(first + 1, second), file: file === '~' ? '' : file, line: isNegative ? 0 : line };
}

const minus = 0x2d;

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
