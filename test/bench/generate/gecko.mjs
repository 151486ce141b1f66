import { CallTree } from './callTree.mjs';
import { describePlace, placeCount, threeWalks } from './callWalk.mjs';
import { randomFromSmall } from './random.mjs';
import { StreamedFile, writeArray } from './streamedFile.mjs';

const bytesPerNode = 15.5;
const bytesPerSample = 19;

/** Firefox' processed profile as Python's `profiling.sampling --gecko` writes it: strings shared, tables per thread. */
export function writeGecko(path, megabytes, seed = 1) {
  const random = randomFromSmall(seed);
  const threads = threeWalks(random).map(walk => ({ walk, tree: new CallTree(), samples: [] }));
  for (let size = 0; size < megabytes * 1e6; ) {
    size = 0;
    for (const thread of threads) walkOn(thread, 1000, random);
    for (const { tree, samples } of threads) {
      size += tree.place.length * bytesPerNode + samples.length * bytesPerSample;
    }
  }
  const file = new StreamedFile(path);
  file.text(`{"meta":${JSON.stringify(meta)},"libs":[],"threads":[`);
  threads.forEach((thread, index) => {
    if (index > 0) file.text(',');
    writeThread(file, thread, index);
  });
  file.text(`],"shared":{"stringArray":${JSON.stringify(strings())},"sources":{"length":0}}}`);
  file.close();
}

const meta = {
  interval: 1,
  startTime: 1_700_000_000_000,
  startTimeAsClockMonotonicNanosecondsSinceBoot: null,
  version: 29,
  preprocessedProfileVersion: 57,
  processType: 0,
  product: 'Python (generated)',
  stackwalk: 1,
  categories: [{ name: 'Other', color: 'grey', subcategories: ['Other'] }],
  markerSchema: [],
};

/**
 * CPython's own recordings in test/fixtures stay for 12 to 68 samples where they are and have a new stack for one sample in
 * 20 to 500 (vmprof's for one in 4); this program moves on sooner than any of them.
 */
const [longestStay, newStacks] = [15, 0.2];

function walkOn({ walk, tree, samples }, steps, random) {
  for (let step = 0; step < steps; step++) {
    const isNew = tree.place.length === 0 || random() < newStacks;
    if (isNew) walk.step();
    const node = isNew ? tree.nodeOf(walk.stack) : Math.floor(random() * tree.place.length);
    for (let stay = Math.floor(random() * longestStay); stay >= 0; stay--) samples.push(node);
  }
}

/** Names of functions, then files, each once. */
function strings() {
  const names = Array.from({ length: placeCount / 5 }, (_, func) => describePlace(func * 5).name);
  const files = Array.from({ length: 160 }, (_, func) => describePlace(func * 5).file);
  return [...names, ...files];
}

function writeThread(file, { tree, samples }, thread) {
  const table = (name, length, columns) => {
    file.text(`,"${name}":{"length":${length}`);
    for (const [column, textOf] of Object.entries(columns)) {
      file.text(`,"${column}":`);
      writeArray(file, length, textOf);
    }
    file.text('}');
  };
  const head = { name: thread === 0 ? 'MainThread' : `Thread-${thread}`, isMainThread: thread === 0 };
  const process = { processType: 'default', processName: 'Python', processStartupTime: 0, registerTime: 0 };
  const ids = { pid: '4242', tid: 4242 + thread, unregisterTime: null, processShutdownTime: null };
  file.text(JSON.stringify({ ...head, ...process, ...ids, pausedRanges: [] }).slice(0, -1));
  const nothing = () => 'null';
  const zero = () => '0';
  table('samples', samples.length, {
    stack: index => String(samples[index]),
    time: index => String(index + ((index * 7) % 10) / 10),
    eventDelay: zero,
  });
  table('stackTable', tree.place.length, {
    frame: node => String(tree.place[node]),
    category: zero,
    prefix: node => (tree.parent[node] < 0 ? 'null' : String(tree.parent[node])),
  });
  table('frameTable', placeCount, {
    func: place => String(describePlace(place).func),
    line: place => String(describePlace(place).line),
    column: nothing,
    category: zero,
    address: () => '-1',
  });
  table('funcTable', placeCount / 5, {
    name: func => String(func),
    fileName: func => String(placeCount / 5 + (func % 160)),
    lineNumber: func => String(describePlace(func * 5).firstLine),
    isJS: () => 'false',
    resource: () => '-1',
  });
  file.text(
    ',"markers":{"length":0,"data":[],"name":[],"startTime":[],"endTime":[],"phase":[],"category":[]}}',
  );
}
