/** Profiles of other tools, as a plain LSP client meets them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { ResponseError } from 'vscode-jsonrpc/node';
import type { CodeLens, Hover } from 'vscode-languageserver';
import type { FunctionsView } from '../../src/shared/views';
import { LspClient } from '../helpers/lspClient';

/** As if recorded in a folder that no machine of ours has; the length stays, so the file stays whole. */
const profile = Buffer.from(
  readFileSync('test/fixtures/profiles/agreement/cprofile.pstats', 'latin1').replaceAll('/tmp/', '/srv/'),
  'latin1',
);
const program = readFileSync('test/fixtures/programs/agreement.py', 'utf8');

let root: string;
let client: LspClient;

async function start(settings: object = {}): Promise<void> {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pyrolens-foreign-')));
  writeFileSync(join(root, 'out.pstats'), profile);
  client = await LspClient.start({
    settings,
    workspaceFolders: [{ uri: pathToFileURL(join(root, 'work')).href, name: 'work' }],
  });
}

async function stop(): Promise<void> {
  assert.equal(await client.stop(), 0);
  rmSync(root, { recursive: true });
}

/** Writes the program into the workspace and opens it; answers its URI. */
async function openProgram(name: string): Promise<string> {
  const path = join(root, 'work', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, program);
  const uri = pathToFileURL(path).href;
  await client.openDocument(uri, program);
  return uri;
}

async function activate(): Promise<string> {
  const { runId } = await client.request('openRun', { path: join(root, 'out.pstats') });
  await client.request('activateRun', { runId });
  return runId;
}

const percents = async (uri: string) =>
  (await client.request('documentTimings', { uri }))?.lines.map(({ line, share }) => [
    line,
    Math.round(share * 100),
  ]);
const agreed = [
  [10, 50],
  [15, 30],
  [20, 20],
  [25, 100],
];

const functionsOf = (runId: string, ownCodeOnly = true) =>
  client.view<FunctionsView>(runId, {
    kind: 'functions',
    lane: -1,
    rangeStartNs: 0,
    rangeEndNs: 0,
    path: [],
    ownCodeOnly,
  });

describe('a profile recorded elsewhere', () => {
  beforeEach(() => start());
  afterEach(() => stop());

  test('says what it is', async () => {
    const summary = await client.request('openRun', { path: join(root, 'out.pstats') });
    const { name, engine, isImported, hasTimeAxis, problems } = summary;
    assert.deepEqual(
      { name, engine, isImported, hasTimeAxis, problems },
      { name: 'out.pstats', engine: 'pstats', isImported: true, hasTimeAxis: false, problems: [] },
    );
  });

  test('speaks on the lines of the file whose path ends alike, and calls it own code', async () => {
    const uri = await openProgram('agreement.py');
    const runId = await activate();
    assert.deepEqual(await percents(uri), agreed);
    const lenses = await client.standard<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    assert.ok(lenses.some(lens => lens.command?.title.startsWith('500 ms total')));
    const hover = await client.standard<Hover>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 9, character: 0 },
    });
    assert.match((hover.contents as { value: string }).value, /`half` ran for/);
    assert.deepEqual((await functionsOf(runId)).functions.names, [
      'two_tenths',
      'half',
      'three_tenths',
      'rounds',
      '<module>',
    ]);
  });

  test('is silent on a file that merely has the same name, until the user says that it is the one', async () => {
    const uri = await openProgram(join('src', 'agreement.py'));
    const runId = await activate();
    assert.equal(await percents(uri), undefined);
    const table = (await functionsOf(runId, false)).functions;
    const place = { runId, file: table.file[table.names.indexOf('half')] ?? -1, line: 10 };
    const missing = await client.request('locate', place).catch((error: unknown) => error);
    assert.ok(missing instanceof ResponseError);
    assert.equal((missing.data as { code: string }).code, 'sourceMissing');
    const pathMappings = [{ from: '/srv/pyrolens-fixtures', to: `\${workspaceFolder}/src` }];
    const changes = client.timingsChangedCount;
    await client.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: { pyrolens: { pathMappings } },
    });
    assert.equal((await client.request('locate', place)).uri, uri);
    assert.ok(client.timingsChangedCount > changes, 'the editors are told');
    assert.deepEqual(await percents(uri), agreed);
    assert.ok((await functionsOf(runId)).functions.names.includes('half'), 'it is own code now');
  });

  test('cannot be opened when it is no profile, is damaged, empty, or no file: one reason each', async () => {
    const packed = gzipSync(profile);
    const files: [string, Uint8Array, RegExp][] = [
      ['a.json', Buffer.from('{"a": 1}'), /none of the formats/],
      ['b.gz', packed.subarray(0, packed.length / 2), /packed data is damaged/],
      ['c.gz', Buffer.concat([packed.subarray(0, 40), Buffer.alloc(40, 7)]), /packed data is damaged/],
      ['d.prof', Buffer.alloc(0), /is empty/],
    ];
    for (const [name, bytes, reason] of files) {
      writeFileSync(join(root, name), bytes);
      const failure = await client
        .request('openRun', { path: join(root, name) })
        .catch((error: unknown) => error);
      assert.ok(failure instanceof ResponseError, name);
      const { code, facts } = failure.data as { code: string; facts: { reason: string } };
      assert.equal(code, 'unreadableRun', name);
      assert.match(facts.reason, reason);
    }
  });
});

describe('names that were made to deceive', () => {
  const evil = '\u202egnp.exe\u001b]0;x\u0007 <img src=x> [a](command:b) $(flame) `c` | d';

  before(async () => {
    await start();
    writeFileSync(join(root, 'out.pstats'), pstatsWith(evil, '/srv/pyrolens-fixtures/agreement.py'));
  });
  after(() => stop());

  test('act nowhere: hovers, lenses, tables, the summary, reports', async () => {
    const uri = await openProgram('agreement.py');
    const runId = await activate();
    const hover = await client.standard<Hover>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 9, character: 0 },
    });
    const markdown = (hover.contents as { value: string }).value;
    assert.match(markdown, /⟨U\+202E⟩gnp/);
    assert.doesNotMatch(markdown.replace(/`[^`]*`/g, ''), /<img|(?<!\\)\[a\]|(?<!\\)\$\(/);
    const lenses = await client.standard<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    const timings = await client.request('documentTimings', { uri });
    const table = await functionsOf(runId);
    const report = await client.request('textReport', { path: join(root, 'out.pstats') });
    assert.match(report.text, /⟨U\+202E⟩gnp\.exe⟨U\+001B⟩/);
    const all = JSON.stringify([markdown, lenses, timings, table.functions.names, report.text.split('\n')]);
    assert.doesNotMatch(all, /\\u001b|\\u0007|\u202e/);
    const selection = { runId, lane: -1, rangeStartNs: 0, rangeEndNs: 0, path: [], label: evil };
    await client.request('select', { selection });
    assert.match((await client.request('documentTimings', { uri }))?.scaleLabel ?? '', /^⟨U\+202E⟩gnp/);
  });
});

/** A cProfile result (Python's marshal, version 2) with one function. */
function pstatsWith(name: string, file: string): Uint8Array {
  const int = (value: number) => {
    const bytes = Buffer.alloc(5, 'i');
    bytes.writeInt32LE(value, 1);
    return bytes;
  };
  const float = (value: number) => {
    const bytes = Buffer.alloc(9, 'g');
    bytes.writeDoubleLE(value, 1);
    return bytes;
  };
  const text = (value: string) => {
    const utf8 = Buffer.from(value);
    const head = Buffer.alloc(5, 'u');
    head.writeInt32LE(utf8.length, 1);
    return Buffer.concat([head, utf8]);
  };
  const tuple = (...items: Buffer[]) => {
    const head = Buffer.alloc(5, '(');
    head.writeInt32LE(items.length, 1);
    return Buffer.concat([head, ...items]);
  };
  const key = tuple(text(file), int(10), text(name));
  const value = tuple(int(1), int(1), float(1), float(1), Buffer.from('{0'));
  return Buffer.concat([Buffer.from('{'), key, value, Buffer.from('0')]);
}
