/** Names that somebody made to do harm, on their way through everything that shows or writes them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { exportWriters } from '../../../src/server/features/export/writers';
import { runSummary } from '../../../src/server/features/runSummary';
import { textReportOf } from '../../../src/server/features/textReport';
import { computeView } from '../../../src/server/features/views';
import { OpenRun } from '../../../src/server/loadedRun';
import { loadRun } from '../../../src/server/runFolder';
import { Slicer } from '../../../src/server/slicer';
import { WorkspaceFiles } from '../../../src/server/workspaceFiles';
import type { Profile } from '../../../src/shared/profile';
import { decodeSlab, encodeSlab } from '../../../src/shared/slab';
import { exportedBytes, type WrittenFormat } from '../../helpers/exports';
import { parseBytes } from '../../helpers/parsing';

const folder = mkdtempSync(join(tmpdir(), 'pyrolens-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const hostileNames = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '\u0000\u0007\u001b]0;title\u0007\u001b[2J',
  '\u202egnp.exe\u2066',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  '\ud800',
  'a\udfffb',
  'a;b\nc d 7',
  '$(trash) [x](command:workbench.action.quit)',
  '',
];

const start = 0;
const step = 1000;

/** A thread's samples, one for each name, which is the function's and the file's at once. */
function speedscopeFile(names: readonly string[]): string {
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    shared: { frames: names.map((name, line) => ({ name, file: name, line: line + 1 })) },
    profiles: names.map(name => ({
      type: 'evented',
      name,
      unit: 'nanoseconds',
      startValue: start,
      endValue: names.length * step,
      events: names.flatMap((_, frame) => [
        { type: 'O', frame, at: frame * step },
        { type: 'C', frame, at: (frame + 1) * step },
      ]),
    })),
  });
}

function cpuProfileFile(names: readonly string[]): string {
  const called = names.map((functionName, index) => ({
    id: index + 2,
    callFrame: { functionName, scriptId: '0', url: functionName, lineNumber: index },
  }));
  const root = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1 };
  return JSON.stringify({
    nodes: [{ id: 1, callFrame: root, children: called.map(({ id }) => id) }, ...called],
    startTime: start,
    endTime: names.length * step,
    samples: called.map(({ id }) => id),
    timeDeltas: called.map(() => step),
  });
}

function chromeTraceFile(names: readonly string[]): string {
  const calls = names.map((name, index) => ({
    ...{ ph: 'X', pid: 1, tid: index + 1, ts: index, dur: 1, name },
    args: { filename: name, line: index + 1 },
  }));
  const titles = names.map((name, index) => ({
    ...{ ph: 'M', pid: 1, tid: index + 1, name: 'thread_name' },
    args: { name },
  }));
  return JSON.stringify({ traceEvents: [...titles, ...calls] });
}

const writers = { speedscopeFile, cpuProfileFile, chromeTraceFile };

async function opened(text: string): Promise<OpenRun> {
  const path = join(folder, 'profile.json');
  writeFileSync(path, text);
  const loaded = await loadRun(path, { slicer: new Slicer(), ownRoots: [] });
  return OpenRun.open(loaded, { workspaceFolders: [], mappings: [] }, new WorkspaceFiles());
}

function everyView(open: OpenRun): unknown[] {
  const range = { lane: -1, rangeStartNs: 0, rangeEndNs: 0 };
  const flames = (['timeOrder', 'leftHeavy'] as const).map(order =>
    computeView(open, {
      ...{ kind: 'flame', order, ...range, minWidthNs: 0 },
      ...{ windowStartNs: 0, windowEndNs: 0, ownCodeOnly: false },
    }),
  );
  const functions = computeView(open, { kind: 'functions', ...range, path: [], ownCodeOnly: false });
  const frames = Array.from(open.run.profile.functions.name, (_, func) =>
    computeView(open, { kind: 'frame', func, ...range }),
  );
  return [...flames, functions, ...frames];
}

/** Numbers in queries that no view asks for: from another run, or from nobody's page. */
const oddNumbers = [-2, 2 ** 31, 1e308, -1e308, Number.NaN, 0.5];

function oddViews(open: OpenRun): unknown[] {
  return oddNumbers.flatMap(odd => {
    const range = { lane: odd, rangeStartNs: odd, rangeEndNs: -odd };
    const window = { minWidthNs: odd, windowStartNs: odd, windowEndNs: -odd };
    const orders = ['timeOrder', 'leftHeavy'] as const;
    return [
      ...orders.map(order =>
        computeView(open, { kind: 'flame', order, ...range, ...window, ownCodeOnly: true }),
      ),
      computeView(open, { kind: 'functions', ...range, path: [odd], ownCodeOnly: true }),
      computeView(open, { kind: 'frame', func: odd, path: [odd], ...range }),
    ];
  });
}

function namesOf({ functions, strings }: Profile): string[] {
  return Array.from(functions.name, name => strings[name] ?? '?');
}

const writtenFormats = Object.keys(exportWriters) as WrittenFormat[];
const active = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

for (const [writer, write] of Object.entries(writers)) {
  describe(`hostile names in a ${writer}`, () => {
    it('are kept as they are, told apart, and reach every view through the slab', async () => {
      const open = await opened(write(hostileNames));
      const names = new Set(namesOf(open.run.profile));
      for (const name of ['constructor', '__proto__', 'toString', '<script>alert(1)</script>']) {
        assert.ok(names.has(name), name);
      }
      for (const view of everyView(open)) {
        assert.deepEqual(decodeSlab(encodeSlab(view).buffer as ArrayBuffer), view);
      }
    });

    it('and odd numbers in queries end in no exception', async () => {
      for (const view of oddViews(await opened(write(hostileNames)))) encodeSlab(view);
    });

    it('cannot steer a terminal through the text report', async () => {
      const report = textReportOf(await opened(write(hostileNames)));
      assert.doesNotMatch(report.replaceAll('\n', ''), active);
      assert.match(report, /__proto__|constructor/);
    });

    it('stay out of the markup of a picture, and no export is damaged by them', async () => {
      const { profile } = (await opened(write(hostileNames))).run;
      const svg = exportedBytes(profile, 'svg').toString();
      assert.doesNotMatch(svg, /<script>alert|<img/);
      for (const format of writtenFormats.filter(each => each !== 'svg')) {
        const { problems } = await parseBytes(new Uint8Array(exportedBytes(profile, format)));
        assert.deepEqual(problems, [], format);
      }
    });

    it('may be a megabyte long', async () => {
      const open = await opened(write(['x'.repeat(2 ** 20), '<'.repeat(2 ** 20)]));
      for (const view of everyView(open)) encodeSlab(view);
      assert.ok(JSON.stringify(runSummary(open)).length < 16 * 2 ** 20);
      assert.ok(textReportOf(open).length < 64 * 1024, 'the report stays readable');
      for (const format of writtenFormats) exportedBytes(open.run.profile, format);
    });
  });
}
