/** Damage to bytes of any format: what disks, copies and enemies do. */
import type { Random } from './random';

/** Inputs stay small, so that many can be tried. */
export const maxInputBytes = 16 * 1024;

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Applies one to four mutations. `other` is another input to cut pieces from. */
export function mutateBytes(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let round = random.below(4); round >= 0; round--) {
    changed = random.of(mutations)(changed, random, other).subarray(0, maxInputBytes);
  }
  return changed;
}

const flipBits: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  if (copy.length === 0) return copy;
  for (let flips = random.below(8); flips >= 0; flips--) {
    const at = random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  }
  return copy;
};

const setByte: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  if (copy.length > 0)
    copy[random.below(copy.length)] = random.of([0, 0xff, 0x7f, 0x80, 0x0a, 0x20, 0x22, 0x3b]);
  return copy;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

const remove: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random);
  return joined(bytes.subarray(0, start), bytes.subarray(end));
};

const duplicate: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random);
  const at = random.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), bytes.subarray(start, end), bytes.subarray(at));
};

const repeat: Mutation = (bytes, random) => {
  const [start, end] = range(bytes, random, 64);
  const piece = bytes.subarray(start, end);
  const times = Array.from({ length: random.below(200) }, () => piece);
  return joined(bytes.subarray(0, start), ...times, bytes.subarray(start));
};

const splice: Mutation = (bytes, random, other) => {
  const [start, end] = range(other, random);
  const at = random.below(bytes.length + 1);
  const kept = random.once(2) ? at : Math.min(bytes.length, at + end - start);
  return joined(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(kept));
};

const cross: Mutation = (bytes, random, other) =>
  joined(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));

const insertNoise: Mutation = (bytes, random) => {
  const noise = Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
  const at = random.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
};

/** Numbers at which readers trip, in their textual and their binary forms. */
export const awkwardNumbers = [
  '-1',
  '0',
  '-0',
  '1e308',
  '-1e308',
  '1e999',
  '1e-320',
  '0.1',
  '2147483648',
  '-2147483649',
  '4294967296',
  '9007199254740993',
  '99999999999999999999999',
  'NaN',
  '1.5',
  '65536',
];

const inflateDigits: Mutation = (bytes, random) => {
  const at = digitsAfter(bytes, random.below(bytes.length + 1));
  if (at < 0) return bytes;
  let end = at;
  while (isDigit(bytes[end])) end++;
  const text = new TextEncoder().encode(random.of(awkwardNumbers));
  return joined(bytes.subarray(0, at), text, bytes.subarray(end));
};

const binaryNumbers = [
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0x80],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0, 0, 0, 0, 0, 0, 0xf0, 0x7f],
  [0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
];

const inflateBinary: Mutation = (bytes, random) => {
  const number = Uint8Array.from(random.of(binaryNumbers));
  const at = random.below(bytes.length + 1);
  const kept = random.once(2) ? at + number.length : at + 1;
  return joined(bytes.subarray(0, at), number, bytes.subarray(kept));
};

const mutations: readonly Mutation[] = [
  flipBits,
  flipBits,
  setByte,
  truncate,
  remove,
  duplicate,
  repeat,
  splice,
  cross,
  insertNoise,
  inflateDigits,
  inflateDigits,
  inflateBinary,
];

function range(bytes: Uint8Array, random: Random, maxLength = 4096): [number, number] {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + random.below(maxLength))];
}

function digitsAfter(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) if (isDigit(bytes[at])) return at;
  return -1;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** All pieces, one behind the other. */
export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
