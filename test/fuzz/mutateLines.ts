/** Damage to the sense of a text of lines: lines and their words repeated, missing and in each other's place. */
import { awkwardNumbers, joined } from './mutateBytes';
import type { Random } from './random';

const newline = 0x0a;
const separators = new Set([0x20, 0x3b, 0x2c, 0x3a, 0x09]);
const awkwardWords = [
  ...awkwardNumbers,
  '',
  '__proto__',
  'constructor',
  '\u202e',
  '\u0000',
  'x'.repeat(3000),
];

/** The text with one to four of its lines changed. */
export function mutateLines(bytes: Uint8Array, random: Random): Uint8Array {
  const lines = piecesOf(bytes, byte => byte === newline);
  for (let round = random.below(4); round >= 0; round--) {
    const [at, other] = [random.below(lines.length), random.below(lines.length)];
    const line = lines[at];
    if (line === undefined) return bytes;
    const kind = random.below(6);
    if (kind === 0) lines.splice(at, 1);
    else if (kind === 1) lines.splice(other, 0, line);
    else if (kind === 2) [lines[at], lines[other]] = [lines[other] ?? line, line];
    else lines[at] = withWord(line, random);
  }
  return joined(...lines);
}

function withWord(line: Uint8Array, random: Random): Uint8Array {
  const words = piecesOf(line, byte => separators.has(byte));
  const at = random.below(words.length);
  const word = words[at];
  if (word === undefined) return line;
  const end = word.at(-1) ?? 0;
  const isEnded = separators.has(end) || end === newline;
  const awkward = new TextEncoder().encode(random.of(awkwardWords));
  words[at] = isEnded ? joined(awkward, Uint8Array.of(end)) : awkward;
  return joined(...words);
}

/** The bytes cut behind each end. */
function piecesOf(bytes: Uint8Array, isEnd: (byte: number) => boolean): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let start = 0;
  bytes.forEach((byte, at) => {
    if (!isEnd(byte)) return;
    pieces.push(bytes.subarray(start, at + 1));
    start = at + 1;
  });
  if (start < bytes.length) pieces.push(bytes.subarray(start));
  return pieces;
}
