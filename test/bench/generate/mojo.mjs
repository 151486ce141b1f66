import { describePlace, placeCount, threeWalks } from './callWalk.mjs';
import { randomFromSmall } from './random.mjs';
import { StreamedFile } from './streamedFile.mjs';

const pid = 4242;
const events = { metadata: 1, stack: 2, frame: 3, frameRef: 5, idle: 8, timeMetric: 9, string: 11 };

/** Austin 4's binary stream: definitions when first needed, then references with keys beyond 32 bits. */
export function writeMojo(path, megabytes, seed = 1) {
  const random = randomFromSmall(seed);
  const walks = threeWalks(random);
  const isDefined = new Uint8Array(placeCount);
  const references = Array.from({ length: placeCount }, (_, place) =>
    Buffer.from([events.frameRef, ...varint(keyOf(place))]),
  );
  const file = new StreamedFile(path);
  const metadata = (key, value) =>
    file.bytes(Buffer.from([events.metadata, ...zeroEnded(key), ...zeroEnded(value)]));
  file.bytes(Buffer.from([...Buffer.from('MOJ'), ...varint(4)]));
  metadata('mode', 'wall');
  metadata('interval', '1000');
  const known = new Set();
  while (file.size < megabytes * 1e6) {
    walks.forEach((walk, thread) => {
      walk.step();
      file.bytes(
        Buffer.from([events.stack, ...varint(pid), ...varint(0), ...zeroEnded((pid + thread).toString(16))]),
      );
      for (const place of walk.stack) {
        if (isDefined[place] === 0) defineFrame(file, place, known);
        isDefined[place] = 1;
        file.bytes(references[place]);
      }
      const idle = random() < 0.1 ? [events.idle] : [];
      file.bytes(Buffer.from([...idle, events.timeMetric, ...varint(950 + Math.floor(random() * 100))]));
    });
  }
  metadata('duration', '1000000');
  file.close();
}

/** Austin's frame keys mix an address and an instruction's offset: 43 bits were seen. */
function keyOf(place) {
  return 2 ** 36 + place * 977;
}

function defineFrame(file, place, known) {
  const { name, file: path, line, func } = describePlace(place);
  const string = (key, text) => {
    if (known.has(key)) return;
    known.add(key);
    file.bytes(Buffer.from([events.string, ...varint(key), ...zeroEnded(text)]));
  };
  const [fileKey, nameKey] = [1000 + (func % 160), 10_000 + func];
  string(fileKey, path);
  string(nameKey, name);
  const place4 = [line, line, 5, 20];
  const fields = [keyOf(place), fileKey, nameKey, ...place4];
  file.bytes(Buffer.from([events.frame, ...fields.flatMap(varint)]));
}

/** Six bits and a sign in the first byte, then seven bits each. */
function varint(number) {
  const bytes = [number % 64];
  let rest = Math.floor(number / 64);
  while (rest > 0) {
    bytes[bytes.length - 1] += 128;
    bytes.push(rest % 128);
    rest = Math.floor(rest / 128);
  }
  return bytes;
}

function zeroEnded(text) {
  return [...Buffer.from(text), 0];
}
