/** The built server, driven over its standard streams as any LSP editor would. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { CancellationTokenSource, ResponseError } from 'vscode-jsonrpc/node';
import type { CodeLens, Hover } from 'vscode-languageserver';
import type { FlameView, FrameView, FunctionsView } from '../../src/shared/views';
import { LspClient } from '../helpers/lspClient';
import { programText, type RunFixture, runFixture } from '../helpers/runFixture';
import { wholeFlame, wholeFunctions } from '../helpers/wholeQueries';

describe('a run in a plain LSP editor', () => {
  let client: LspClient;
  let run: RunFixture;
  let version = 1;

  before(async () => {
    client = await LspClient.start();
    run = runFixture();
    await client.openRecorded(run, programText);
  });
  after(async () => {
    assert.equal(await client.stop(), 0);
    run.remove();
  });
  beforeEach(() => client.request('select', { selection: null }));

  const change = (from: [number, number], to: [number, number], text: string) =>
    client.changeDocument(run.uri, ++version, { from, to, text });
  const timings = async () => (await client.request('documentTimings', { uri: run.uri }))?.lines ?? [];
  const timingAt = async (line: number) => (await timings()).find(timing => timing.line === line);
  const lenses = () =>
    client.standard<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: run.uri } });
  const hoverAt = (line: number) =>
    client.standard<Hover | null>('textDocument/hover', {
      textDocument: { uri: run.uri },
      position: { line: line - 1, character: 0 },
    });

  test('opening a run answers what it is', async () => {
    const summary = await client.request('openRun', { path: run.runPath });
    assert.equal(summary.durationNs, 1e9);
    assert.equal(summary.sampleCount, 100);
    assert.equal(summary.hasCpu, true);
    assert.equal(summary.exitText, 'exit code 0');
    assert.deepEqual(summary.notes, []);
    assert.deepEqual(
      summary.lanes.map(lane => [lane.name, lane.isMain, lane.sampleCount]),
      [['MainThread', true, 100]],
    );
  });

  test('lines carry their part of the run, and waiting lines their reason', async () => {
    const lines = await timings();
    const rounded = lines.map(({ line, totalNs, selfNs, waitKind }) => [
      line,
      totalNs / 1e6,
      selfNs / 1e6,
      waitKind,
    ]);
    assert.deepEqual(rounded, [
      [6, 600, 0, 'none'],
      [7, 400, 400, 'sleep'],
      [14, 600, 600, 'none'],
      [17, 1000, 0, 'sleep'],
    ]);
    assert.equal((await timingAt(7))?.waitNs, 4e8);
    assert.equal((await timingAt(14))?.share, 0.6);
  });

  test('the hot sub-expression is given in columns of the editor', async () => {
    const spans = (await timingAt(14))?.spans ?? [];
    assert.deepEqual(
      spans.map(({ startColumn, endColumn }) => [startColumn, endColumn]),
      [[11, 42]],
    );
  });

  test('functions carry one lens at their def, below their decorators', async () => {
    const found = (await lenses()).map(lens => [lens.range.start.line + 1, lens.command?.title]);
    assert.deepEqual(found, [
      [4, '1.00 s total · 400 ms self · 100 samples · 10 gaps'],
      [13, '600 ms total · 300 ms self · 60 samples'],
    ]);
  });

  test('a lens leads to its function in the flame graph', async () => {
    const [lens] = await lenses();
    assert.equal(lens?.command?.command, 'pyrolens.revealInFlameGraph');
    const [target] = lens?.command?.arguments ?? [];
    const at = await client.request('functionAt', { uri: run.uri, line: 6 });
    assert.deepEqual(target, at);
  });

  test('hovering tells wall, CPU, waiting, certainty and neighbours; unmeasured lines say nothing', async () => {
    const contents = (await hoverAt(7))?.contents as { value: string } | undefined;
    assert.match(contents?.value ?? '', /400 ms/);
    assert.match(contents?.value ?? '', /sleep/);
    assert.match(contents?.value ?? '', /40, ± \d/);
    assert.match(contents?.value ?? '', /command:pyrolens\.revealInFlameGraph/);
    assert.match(contents?.value ?? '', /Called from: \[\\?&lt;module/);
    assert.equal(await hoverAt(2), null);
  });

  test('an edit above a hot line moves its number', async () => {
    await change([0, 0], [0, 0], '# a comment\n# and another\n');
    assert.equal((await timingAt(9))?.waitKind, 'sleep');
    assert.equal((await timingAt(9))?.isStale, false);
    assert.equal((await lenses())[0]?.range.start.line, 5);
    await change([0, 0], [2, 0], '');
    assert.equal((await timingAt(7))?.waitKind, 'sleep');
  });

  test('an edit on a hot line makes it stale where it stands, and undoing the edit heals it', async () => {
    await change([6, 19], [6, 23], '0.02');
    assert.equal((await timingAt(7))?.isStale, true);
    assert.equal((await timingAt(6))?.isStale, false);
    await change([6, 19], [6, 23], '0.01');
    assert.equal((await timingAt(7))?.isStale, false);
  });

  test('reindenting and requoting is no edit', async () => {
    await change([6, 0], [6, 8], '\t\t');
    assert.equal((await timingAt(7))?.isStale, false);
    assert.deepEqual(
      (await timingAt(7))?.spans.map(({ startColumn, endColumn }) => [startColumn, endColumn]),
      [[2, 18]],
    );
    await change([6, 0], [6, 2], '        ');
  });

  test('a deleted hot line loses its number and nothing else does', async () => {
    await change([6, 0], [7, 0], '');
    assert.deepEqual(
      (await timings()).map(timing => timing.line),
      [6, 13, 16],
    );
    await change([6, 0], [6, 0], '        time.sleep(0.01)\n');
    assert.equal((await timings()).length, 4);
  });

  test('the flame graph comes over the pipe', async () => {
    const view = await client.view<FlameView>(run.runId, wholeFlame);
    const boxes = Array.from({ length: view.boxes.length }, (_, box) => [
      view.boxes.row[box],
      view.functions.names[view.boxes.func[box] ?? -1] ?? '',
      ((view.boxes.endNs[box] ?? 0) - (view.boxes.startNs[box] ?? 0)) / 1e6,
      view.boxes.line[box],
    ]);
    assert.deepEqual(boxes, [
      [0, '', 1000, 0],
      [1, '<module>', 1000, 17],
      [2, 'score', 1000, 6],
      [3, 'distance', 600, 14],
      [4, 'distance.<locals>.<genexpr>', 300, 14],
    ]);
    assert.equal(view.lineTexts[view.lineText[2] ?? -1], 'total = distance(token, [1, 2])');
  });

  test('tables agree with the lenses', async () => {
    const range = { lane: -1, rangeStartNs: 0, rangeEndNs: 0 };
    const table = await client.view<FunctionsView>(run.runId, {
      kind: 'functions',
      ...range,
      path: [],
      ownCodeOnly: false,
    });
    assert.deepEqual(table.functions.names, ['score', 'distance', 'distance.<locals>.<genexpr>', '<module>']);
    assert.deepEqual([...table.selfNs], [4e8, 3e8, 3e8, 0]);
    const frame = await client.view<FrameView>(run.runId, {
      kind: 'frame',
      ...range,
      func: table.functions.id[1] ?? -1,
    });
    const names = (list: FrameView['callers']) => [...list.func].map(func => frame.functions.names[func]);
    assert.deepEqual(names(frame.callers), ['score']);
    assert.deepEqual(names(frame.callees), ['distance.<locals>.<genexpr>']);
    assert.deepEqual(frame.lines.text, ['return sum(len(word) for word in seen)']);
  });

  test('selecting a subtree narrows lines and lenses and says what they refer to', async () => {
    const { func = -1 } = (await client.request('functionAt', { uri: run.uri, line: 17 })) ?? {};
    const score = (await client.request('functionAt', { uri: run.uri, line: 6 }))?.func ?? -1;
    const distance = (await client.request('functionAt', { uri: run.uri, line: 14 }))?.func ?? -1;
    const changes = client.timingsChangedCount;
    const path = [func, score, distance];
    const selection = {
      runId: run.runId,
      lane: -1,
      rangeStartNs: 0,
      rangeEndNs: 0,
      path,
      label: 'distance() · 600 ms',
    };
    await client.request('select', { selection });
    assert.ok(client.timingsChangedCount > changes);
    const narrowed = await client.request('documentTimings', { uri: run.uri });
    assert.equal(narrowed?.scaleLabel, 'distance() · 600 ms');
    assert.deepEqual(
      narrowed?.lines.map(({ line, share }) => [line, share]),
      [[14, 1]],
    );
  });

  test('a place in the profile is found in the present text', async () => {
    await change([0, 0], [0, 0], '\n');
    const summary = await client.request('openRun', { path: run.runPath });
    const table = await client.view<FunctionsView>(summary.runId, wholeFunctions);
    const file = table.functions.file[0] ?? -1;
    const place = await client.request('locate', { runId: summary.runId, file, line: 7 });
    assert.deepEqual(place, { uri: run.uri, line: 8, isKeptText: false, isStale: false });
    await change([0, 0], [1, 0], '');
  });

  test('exports are complete files', async () => {
    const target = join(run.folder, 'out.speedscope.json');
    await client.request('exportRun', { path: run.runPath, format: 'speedscope', target });
    const file = JSON.parse(readFileSync(target, 'utf8'));
    assert.equal(file.profiles[0].samples.length, 100);
    assert.equal(file.profiles[0].weights.length, 100);
    await client.request('exportRun', { path: run.runPath, format: 'collapsed', target });
    assert.match(
      readFileSync(target, 'utf8'),
      /^MainThread;<module> \(app\.py:1\);score \(app\.py:4\) 400000$/m,
    );
    const refused = client.request('exportRun', { path: run.runPath, format: 'pstats', target });
    await assert.rejects(
      refused,
      (error: ResponseError<{ code: string }>) => error.data?.code === 'exportFailed',
    );
  });

  test('the text report shows hot lines with their source', async () => {
    const { text } = await client.request('textReport', { path: run.runPath });
    assert.match(
      text,
      /60% +600 ms total +600 ms self +app\.py:14 +return sum\(len\(word\) for word in seen\)/,
    );
    assert.match(text, /400 ms +sleep +app\.py:7 +time\.sleep\(0\.01\)/);
  });

  test('clearing takes every number away', async () => {
    await client.request('activateRun', { runId: null });
    assert.equal(await client.request('documentTimings', { uri: run.uri }), null);
    assert.deepEqual(await lenses(), []);
    assert.equal(await hoverAt(7), null);
    await client.request('activateRun', { runId: run.runId });
  });
});

describe('a run that is still being recorded', () => {
  let client: LspClient;
  let run: RunFixture;
  let part: string;
  let bytes: Buffer;

  before(async () => {
    client = await LspClient.start();
    run = runFixture({
      tickCount: 300,
      manifest: { state: 'recording', launcherPid: process.pid, endedAtMs: undefined, exit: undefined },
    });
    part = join(dirname(run.runPath), 'samples-42-1.chunks');
    bytes = readFileSync(part);
    await client.openDocument(run.uri, programText);
  });
  after(async () => {
    await client.stop();
    run.remove();
  });

  test('is nothing before its first second, then what was written so far, without any complaint', async () => {
    writeFileSync(part, '');
    assert.equal(await client.request('readLive', { path: run.runPath }), null);
    writeFileSync(part, bytes.subarray(0, bytes.length * 0.8));
    const summary = await client.request('readLive', { path: run.runPath });
    assert.ok(summary);
    assert.equal(summary.durationNs, 2e9);
    assert.equal(summary.exitText, 'recording');
    assert.deepEqual(summary.problems, []);
  });

  test('is read again only when it has grown, and its numbers on the lines grow with it', async () => {
    writeFileSync(part, bytes.subarray(0, bytes.length * 0.8));
    await client.request('readLive', { path: run.runPath });
    await client.request('activateRun', { runId: run.runId });
    const sleepNs = async () =>
      (await client.request('documentTimings', { uri: run.uri }))?.lines.find(({ line }) => line === 7)
        ?.totalNs;
    assert.equal(await sleepNs(), 8e8);
    assert.equal(await client.request('readLive', { path: run.runPath }), null);
    writeFileSync(part, bytes);
    assert.equal((await client.request('readLive', { path: run.runPath }))?.durationNs, 3e9);
    assert.equal(await sleepNs(), 12e8);
  });
});

describe('a run of a notebook cell', () => {
  const uri = 'vscode-notebook-cell:/work/my%20notes.ipynb#W1sZmlsZQ%3D%3D';
  let client: LspClient;
  let run: RunFixture;

  before(async () => {
    client = await LspClient.start();
    run = runFixture();
    const sha256 = createHash('sha256').update(programText).digest('hex');
    const manifest = JSON.parse(readFileSync(run.runPath, 'utf8')) as object;
    writeFileSync(run.runPath, JSON.stringify({ ...manifest, cells: { [run.script]: { uri, sha256 } } }));
    mkdirSync(join(dirname(run.runPath), 'sources'));
    writeFileSync(join(dirname(run.runPath), 'sources', sha256), programText);
    rmSync(run.script);
    await client.request('openRun', { path: run.runPath });
    await client.request('activateRun', { runId: run.runId });
  });
  after(async () => {
    await client.stop();
    run.remove();
  });

  test('has its numbers on the lines of the cell, which move with them', async () => {
    // An editor may escape its fragment differently from what was noted.
    const shown = uri.replaceAll('%3D', '=');
    await client.openDocument(shown, `# a line more\n${programText}`);
    const lines = (await client.request('documentTimings', { uri: shown }))?.lines ?? [];
    assert.equal(lines.find(({ line }) => line === 8)?.totalNs, 4e8);
  });

  test('leads from a frame to the cell', async () => {
    const view = await client.view<FunctionsView>(run.runId, wholeFunctions);
    const place = await client.request('locate', {
      runId: run.runId,
      file: view.functions.file[0] ?? -1,
      line: 6,
    });
    assert.equal(place.uri, uri);
    assert.equal(place.isKeptText, false);
  });
});

describe('runs that are not as they should be', () => {
  let client: LspClient;
  let run: RunFixture;

  before(async () => {
    client = await LspClient.start();
  });
  after(async () => {
    assert.equal(await client.stop(), 0);
  });
  beforeEach(() => {
    run = runFixture();
  });

  const failureOf = async (work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      assert.ok(error instanceof ResponseError);
      return (error.data as { code: string }).code;
    }
    return 'nothing';
  };

  test('a missing run, a broken manifest and an unknown run id are named failures', async () => {
    assert.equal(
      await failureOf(client.request('openRun', { path: join(run.folder, 'no.pyrolens') })),
      'fileMissing',
    );
    writeFileSync(run.runPath, '{"version": 1');
    assert.equal(await failureOf(client.request('openRun', { path: run.runPath })), 'unreadableRun');
    assert.equal(await failureOf(client.request('activateRun', { runId: 'never' })), 'fileMissing');
    run.remove();
  });

  test('a truncated stream opens with what it has and says so', async () => {
    const part = join(dirname(run.runPath), 'samples-42-1.chunks');
    const bytes = readFileSync(part);
    writeFileSync(part, bytes.subarray(0, bytes.length - 20));
    const summary = await client.request('openRun', { path: run.runPath });
    assert.equal(summary.sampleCount, 100);
    assert.ok(
      summary.problems.some(({ message, part }) => message.includes('cut off') && part.endsWith('.chunks')),
    );
    run.remove();
  });

  test('rubbish in place of the stream opens as an empty run', async () => {
    writeFileSync(join(dirname(run.runPath), 'samples-42-1.chunks'), 'no profile at all');
    const summary = await client.request('openRun', { path: run.runPath });
    assert.equal(summary.sampleCount, 0);
    assert.equal(summary.notes.length, 1);
    assert.deepEqual(
      summary.problems.map(({ part, offset }) => [part, offset]),
      [['samples-42-1.chunks', 0]],
    );
    run.remove();
  });

  test('the source is kept with the run and shown when the file is gone', async () => {
    const { fileCount } = await client.request('keepSources', { path: run.runPath });
    assert.equal(fileCount, 1);
    writeFileSync(run.script, 'something else\n');
    const { runId } = await client.request('openRun', { path: run.runPath });
    const moved = `${run.script}.moved`;
    writeFileSync(moved, '');
    const query = wholeFunctions;
    const table = await client.view<FunctionsView>(runId, query);
    const { rmSync } = await import('node:fs');
    rmSync(run.script);
    await client.request('openRun', { path: run.runPath });
    const place = await client.request('locate', { runId, file: table.functions.file[0] ?? -1, line: 7 });
    assert.equal(place.isKeptText, true);
    assert.match(place.uri, /^pyrolens-source:\/run-1\/[0-9a-f]{64}\/app\.py\?/);
    run.remove();
  });

  test('a file that changed while the program ran is not kept, and the summary says so', async () => {
    writeFileSync(run.script, `${programText}# changed\n`);
    const { fileCount, summary } = await client.request('keepSources', { path: run.runPath });
    assert.equal(fileCount, 0);
    assert.ok(summary.notes.some(note => note.includes('app.py') && note.includes('Changed')));
    run.remove();
  });

  test('a rehearsal leaves nothing behind', async () => {
    await client.request('closeRun', { runId: run.runId });
    assert.equal(await client.request('rehearse', { path: run.runPath }), null);
    assert.equal(await client.request('documentTimings', { uri: run.uri }), null);
    await assert.rejects(client.request('activateRun', { runId: run.runId }));
    run.remove();
  });

  test('a long run can be cancelled while it opens', async () => {
    const long = runFixture({ tickCount: 1_500_000 });
    const source = new CancellationTokenSource();
    const opening = client.request('openRun', { path: long.runPath }, source.token);
    setTimeout(() => source.cancel(), 30);
    await assert.rejects(opening, { code: -32800 });
    long.remove();
    run.remove();
  });

  test('text in the language of the user is used where there is one', async () => {
    const german = await LspClient.start({ l10n: { 'exit code {0}': 'Ausgangscode {0}' } });
    const summary = await german.request('openRun', { path: run.runPath });
    assert.equal(summary.exitText, 'Ausgangscode 0');
    await german.stop();
    run.remove();
  });

  test('the pipe is gone when the server is', async () => {
    const short = await LspClient.start();
    const { path } = await short.request('dataPipe', {});
    assert.ok(existsSync(path));
    await short.stop();
    assert.ok(!existsSync(path));
    run.remove();
  });
});
