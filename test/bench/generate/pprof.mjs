import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CallWalk, describePlace, placeCount } from './callWalk.mjs';
import { randomFromSmall } from './random.mjs';
import { varint } from './varint.mjs';

const functionCount = placeCount / 5;

/** A pprof profile (proto3, gzip) of about so many plain megabytes: samples with a count and CPU nanoseconds. */
export async function writePprof(path, megabytes, seed = 1) {
  const packed = createGzip({ level: 1, chunkSize: 1 << 18 });
  await pipeline(Readable.from(pieces(megabytes, seed)), packed, createWriteStream(path));
}

/**
 * A pprof file gets large by labels (threads, spans, moments), not by stacks: Datadog's recordings in test/fixtures have one
 * new node of the call tree for seven to nine samples. Here it is one for three.
 */
const newStacks = 0.2;
const recentStacks = 2000;

function* pieces(megabytes, seed) {
  const random = randomFromSmall(seed);
  const walk = new CallWalk(random);
  const stacks = [];
  const ids = Array.from({ length: placeCount }, (_, place) => varint(place + 1));
  yield tables();
  let pending = [];
  let [size, pendingSize] = [0, 0];
  while (size < megabytes * 1e6) {
    if (stacks.length === 0 || random() < newStacks) {
      walk.step();
      stacks.push(walk.stack.toReversed().flatMap(place => ids[place]));
    }
    // What runs now ran a moment ago: later stacks come more often.
    const ago = Math.floor(random() ** 3 * Math.min(stacks.length, recentStacks));
    const leafFirst = stacks[stacks.length - 1 - ago];
    const count = 1 + Math.floor(random() * 5);
    const sample = [
      ...message(1, leafFirst),
      ...message(2, [...varint(count), ...varint(count * 10_000_000)]),
    ];
    const bytes = Buffer.from(message(2, sample));
    pending.push(bytes);
    size += bytes.length;
    pendingSize += bytes.length;
    if (pendingSize < 1 << 18) continue;
    yield Buffer.concat(pending);
    pending = [];
    pendingSize = 0;
  }
  yield Buffer.concat(pending);
}

/** Everything but the samples. String 0 is empty, as it must be. */
function tables() {
  const fixed = ['', 'samples', 'count', 'cpu', 'nanoseconds'];
  const functions = Array.from({ length: functionCount }, (_, func) => describePlace(func * 5));
  const files = functions.slice(0, 160).map(({ file }) => file);
  const strings = [...fixed, ...functions.map(({ name }) => name), ...files];
  const nameOf = func => fixed.length + func;
  const fileOf = func => fixed.length + functionCount + (func % 160);
  const parts = [
    message(1, [...field(1, 1), ...field(2, 2)]),
    message(1, [...field(1, 3), ...field(2, 4)]),
    ...Array.from({ length: placeCount }, (_, place) => {
      const { func, line } = describePlace(place);
      return message(4, [...field(1, place + 1), ...message(4, [...field(1, func + 1), ...field(2, line)])]);
    }),
    ...functions.map(({ firstLine }, func) => {
      const names = [...field(2, nameOf(func)), ...field(3, nameOf(func)), ...field(4, fileOf(func))];
      return message(5, [...field(1, func + 1), ...names, ...field(5, firstLine)]);
    }),
    ...strings.map(text => message(6, [...Buffer.from(text)])),
    [...field(9, 1_700_000_000_000_000_000), ...field(10, 60_000_000_000)],
    message(11, [...field(1, 3), ...field(2, 4)]),
    field(12, 10_000_000),
  ];
  return Buffer.concat(parts.map(part => Buffer.from(part)));
}

function message(number, bytes) {
  return [number * 8 + 2, ...varint(bytes.length), ...bytes];
}

function field(number, value) {
  return [number * 8, ...varint(value)];
}
