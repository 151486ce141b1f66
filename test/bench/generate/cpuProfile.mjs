import { CallTree } from './callTree.mjs';
import { CallWalk, describePlace } from './callWalk.mjs';
import { randomFromSmall } from './random.mjs';
import { StreamedFile, writeArray } from './streamedFile.mjs';

const bytesPerNode = 185;
const bytesPerSample = 12;

/** V8's `.cpuprofile`: the tree first, then a node and a time delta in microseconds for each sample. */
export function writeCpuProfile(path, megabytes, seed = 1) {
  const random = randomFromSmall(seed);
  const walk = new CallWalk(random);
  const tree = new CallTree();
  const samples = [];
  while (tree.place.length * bytesPerNode + samples.length * bytesPerSample < megabytes * 1e6) {
    walk.step();
    const node = tree.nodeOf(walk.stack);
    for (let stay = Math.floor(random() * 4); stay >= 0; stay--) samples.push(node);
  }
  const hits = new Int32Array(tree.place.length);
  for (const node of samples) hits[node] += 1;
  const file = new StreamedFile(path);
  file.text('{"nodes":');
  writeArray(file, tree.place.length, node => nodeText(tree, node, hits[node]));
  file.text(`,"startTime":1000000,"endTime":${1_000_000 + samples.length * 1000},"samples":`);
  writeArray(file, samples.length, index => String(samples[index] + 1));
  file.text(',"timeDeltas":');
  writeArray(file, samples.length, () => String(950 + Math.floor(random() * 100)));
  file.text('}');
  file.close();
}

/** Ids start with 1; V8's lines and columns with 0. */
function nodeText(tree, node, hitCount) {
  const { name, file, firstLine, func } = describePlace(tree.place[node]);
  const place = `"scriptId":"${func % 160}","url":"file://${file}","lineNumber":${firstLine - 1},"columnNumber":4`;
  const children = (tree.children[node] ?? []).map(child => child + 1).join(',');
  const below = children === '' ? '' : `,"children":[${children}]`;
  return `{"id":${node + 1},"callFrame":{"functionName":"${name}",${place}},"hitCount":${hitCount}${below}}`;
}
