import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { sampleState } from '../../../../../src/shared/profile';
import {
  fixtureBytes,
  formatOf,
  functionShares,
  parseBytes,
  profilesFolder,
  stackWeights,
} from '../../../../helpers/parsing';

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parse = (value: unknown) => parseBytes(bytesOf(value));
const us = 1000;

/** A call frame at a 1-based line, as V8 writes it. */
const frame = (functionName: string, line = 0, url = line > 0 ? 'file:///srv/a%20b.js' : '') => ({
  functionName,
  scriptId: '1',
  url,
  lineNumber: line - 1,
  columnNumber: 4,
});
const nodes = [
  { id: 1, callFrame: frame('(root)'), hitCount: 0, children: [2, 3, 4, 5] },
  { id: 2, callFrame: frame('(program)'), hitCount: 1 },
  { id: 3, callFrame: frame('(idle)'), hitCount: 1 },
  { id: 4, callFrame: frame('(garbage collector)'), hitCount: 1 },
  { id: 5, callFrame: frame('main', 3), hitCount: 0, children: [6] },
  {
    id: 6,
    callFrame: frame('', 7),
    hitCount: 3,
    positionTicks: [
      { line: 8, ticks: 2 },
      { line: 9, ticks: 1 },
    ],
  },
];
const profileOf = (samples: number[], timeDeltas: number[]) => ({
  nodes,
  startTime: 1000,
  endTime: 2000,
  samples,
  timeDeltas,
});
const sampled = profileOf([2, 6, 6, 4, 6, 3], [10, 20, 20, 30, 20, 40]);

test('samples last from the one before to their own moment, lines are dealt by the ticks', async () => {
  const { profile, problems } = await parse(sampled);
  assert.deepEqual(problems, []);
  const weights = stackWeights(profile);
  assert.equal(weights.get('(program):0'), 10 * us);
  assert.equal(
    (weights.get('main:0;(anonymous):8') ?? 0) + (weights.get('main:0;(anonymous):9') ?? 0),
    60 * us,
  );
  assert.equal(weights.get('main:0;(anonymous):9'), 20 * us);
  assert.equal(profile.info.durationNs, 140 * us);
  assert.equal(profile.info.startNs, 1000 * us);
  assert.equal(profile.info.lineMeaning, 'executing');
  const files = [...profile.functions.file].map(file => profile.strings[file]);
  assert.ok(files.includes('/srv/a b.js'));
  assert.deepEqual([...profile.functions.firstLine].filter(line => line > 0).sort(), [3, 7]);
});

test('idleness is waiting without a stack, a collection lies on top of what it interrupted', async () => {
  const { profile } = await parse(sampled);
  const { samples, gcPauses } = profile;
  assert.equal(samples.node[5], -1);
  assert.equal(samples.state[5], sampleState.waiting);
  const collected = [...stackWeights(profile)].find(([stack]) => stack.includes('(garbage collector)'));
  assert.match(collected?.[0] ?? '', /^main:0;\(anonymous\):[89];\(garbage collector\):0$/);
  assert.deepEqual([...gcPauses.startNs], [50 * us]);
  assert.deepEqual([...gcPauses.durationNs], [30 * us]);
});

test('negative differences put samples back into the order of time', async () => {
  const { profile, problems } = await parse(profileOf([2, 6, 3, 6], [10, 50, -30, 60]));
  assert.deepEqual(problems, []);
  assert.deepEqual(
    [...profile.samples.endNs],
    [10, 30, 60, 90].map(time => time * us),
  );
  assert.deepEqual(
    [...profile.samples.weightNs],
    [10, 20, 30, 30].map(time => time * us),
  );
  assert.equal(profile.samples.node[1], -1);
  const backwards = profileOf(Array(500).fill(6), Array(500).fill(-1));
  const sorted = (await parse(backwards)).profile.samples;
  assert.ok(sorted.weightNs.every(weight => weight >= 0));
  assert.equal(sorted.length, 500);
});

test('parents instead of children, the samples first, ids of any size', async () => {
  const parents = new Map(
    nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id] as const)),
  );
  const big = (id: number) => id * 1_000_003;
  const flat = nodes.map(({ children, id, ...node }) => {
    const parent = parents.get(id);
    return { ...node, ...(parent === undefined ? {} : { parent: big(parent) }), id: big(id) };
  });
  const value = {
    timeDeltas: sampled.timeDeltas,
    samples: sampled.samples.map(big),
    endTime: 2000,
    nodes: flat.reverse(),
    startTime: 1000,
  };
  assert.equal(formatOf(bytesOf(value)), 'V8 CPU profile');
  const { profile } = await parse(value);
  assert.deepEqual(stackWeights(profile), stackWeights((await parse(sampled)).profile));
});

test('however the file is laid out, it says the same', async () => {
  const text = JSON.stringify(sampled);
  const expected = stackWeights((await parse(sampled)).profile);
  const reversed = (_: string, value: unknown) =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).reverse());
  const layouts = {
    pretty: JSON.stringify(sampled, undefined, 2),
    "Python's": text.replaceAll(/([,:])(?=["[{\d-])/g, '$1 '),
    'other order of keys': JSON.stringify(sampled, reversed),
    'escaped keys': text.replaceAll('"hitCount"', '"hit\\u0043ount"').replaceAll('"id"', '"\\u0069d"'),
    'children in quotes': text.replace('"children":[2,3,4,5]', '"children":[2,"3",4 , "5"]'),
  };
  for (const [name, layout] of Object.entries(layouts)) {
    const { profile, problems } = await parseBytes(new TextEncoder().encode(layout));
    assert.deepEqual(problems, [], name);
    assert.deepEqual(stackWeights(profile), expected, name);
  }
});

test('children may be named by their ids and stand in the list themselves', async () => {
  const [root, program, idle, collecting, main, inner] = nodes;
  const mixed = { ...root, children: [2, { ...main, children: [inner] }, 3, 4] };
  const value = { ...sampled, nodes: [mixed, program, idle, collecting] };
  const { profile, problems } = await parse(value);
  assert.deepEqual(problems, []);
  assert.deepEqual(stackWeights(profile), stackWeights((await parse(sampled)).profile));
});

test('without samples the hit counts are what there is', async () => {
  const { profile } = await parse({ nodes, startTime: 1000, endTime: 2000 });
  assert.equal(profile.info.unit, 'count');
  assert.equal(profile.info.hasTimeAxis, false);
  assert.equal(profile.info.durationNs, 6);
  assert.equal(stackWeights(profile).get('main:0;(anonymous):0'), 3);
});

test("Chrome's old nested tree is read without recursion", async () => {
  const leaf = {
    functionName: 'leaf',
    url: 'a.js',
    lineNumber: 7,
    hitCount: 2,
    id: 3,
    callUID: 3,
    children: [],
  };
  const inner = {
    functionName: 'main',
    url: 'a.js',
    lineNumber: 3,
    hitCount: 0,
    callUID: 2,
    children: [leaf],
    id: 2,
  };
  const head = {
    functionName: '(root)',
    url: '',
    lineNumber: 0,
    hitCount: 0,
    callUID: 1,
    children: [inner, leaf],
    id: 1,
  };
  const value = { head, startTime: 1, endTime: 2, samples: [3, 2, 3], timestamps: [1000, 1010, 1030] };
  assert.equal(formatOf(bytesOf(value)), 'V8 CPU profile');
  const { profile, problems } = await parse(value);
  assert.deepEqual(problems, []);
  assert.equal(profile.info.durationNs, 30 * us);
  assert.deepEqual([...profile.functions.firstLine].sort(), [3, 7]);
  const deep = `{"head":${'{"functionName":"f","children":['.repeat(100_000)}`;
  assert.equal((await parseBytes(new TextEncoder().encode(deep))).problems.length, 1);
});

test('lines before a function belong to what was inlined into it', async () => {
  const strange = [
    { id: 1, callFrame: frame('main', 30), hitCount: 2, positionTicks: [{ line: 7, ticks: 2 }] },
  ];
  const { profile } = await parse({
    nodes: strange,
    startTime: 0,
    endTime: 9,
    samples: [1, 1],
    timeDeltas: [1, 1],
  });
  assert.deepEqual([...stackWeights(profile).keys()], ['main:0']);
});

test("a real recording's time by function is that of the file", async () => {
  const bytes = fixtureBytes('cpuprofile/node-inlined.cpuprofile');
  const { profile, problems } = await parseBytes(bytes);
  assert.deepEqual(problems, []);
  const file = JSON.parse(new TextDecoder().decode(bytes));
  const whole = file.timeDeltas.reduce((sum: number, delta: number) => sum + delta, 0);
  assert.equal(profile.samples.length, file.samples.length);
  assert.ok(Math.abs(profile.info.durationNs - whole * us) < us);
  const names = new Map(
    file.nodes.map((node: { id: number; callFrame: { functionName: string } }) => [
      node.id,
      node.callFrame.functionName,
    ]),
  );
  for (const name of ['half', 'three_tenths', 'two_tenths', '(program)', '(garbage collector)']) {
    let self = 0;
    file.samples.forEach((id: number, i: number) => {
      if (names.get(id) === name) self += file.timeDeltas[i];
    });
    const found = functionShares(profile).get(name)?.self ?? 0;
    assert.ok(Math.abs(found - self / whole) < 1e-6, `${name}: ${found} instead of ${self / whole}`);
  }
});

test('a file cut anywhere keeps what stood before the cut', async () => {
  const bytes = bytesOf(sampled);
  for (let end = 1; end < bytes.length; end++) {
    const cut = bytes.subarray(0, end);
    if (formatOf(cut) !== 'V8 CPU profile') continue;
    const { problems } = await parseBytes(cut);
    assert.deepEqual(
      problems.map(problem => problem.offset),
      [end],
    );
  }
});

test('ids without a node, circles and wrong types do no harm', async () => {
  const { profile, problems } = await parse(profileOf([6, 99, 6], [1, 1, 1]));
  assert.equal(profile.samples.length, 2);
  assert.equal(problems.length, 1);
  const circle = [
    { id: 1, callFrame: frame('a', 1), parent: 2 },
    { id: 2, callFrame: frame('b', 1), parent: 1 },
  ];
  assert.equal(
    (await parse({ nodes: circle, samples: [1], timeDeltas: [1], startTime: 0 })).profile.samples.length,
    1,
  );
  const wild = [
    3,
    null,
    { id: 'x', callFrame: 5, children: 7, positionTicks: [1, { line: -4, ticks: 'a' }] },
    nodes[5],
  ];
  await parse({ nodes: wild, samples: [1, null, 'b'], timeDeltas: {}, startTime: null });
  await parse({
    nodes: wild,
    samples: [1, null, 'b', 6],
    timeDeltas: [1, null, 'b', 1e300],
    startTime: 'soon',
  });
});

test('no other recording is taken for one of these, and these for no other', () => {
  const names = readdirSync(profilesFolder, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.\w+$/.test(name),
  );
  for (const name of names) {
    assert.equal(formatOf(fixtureBytes(name)) === 'V8 CPU profile', name.endsWith('.cpuprofile'), name);
  }
});
