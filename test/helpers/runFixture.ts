/** Run folders on disk, made as a recorder and a sampler would leave them. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunManifest } from '../../src/shared/manifest';
import { ChunkWriter } from './chunkWriter';

/** A program of ours as it was recorded: line numbers are used by the tests. */
export const programText = `import time


def score(tokens):
    for token in tokens:
        total = distance(token, [1, 2])
        time.sleep(0.01)
    return total


@traced
@cached
def distance(token, seen):
    return sum(len(word) for word in seen)


score(range(100))
`;

/** A temporary workspace with a program and its run. Call `remove` when done. */
export interface RunFixture {
  readonly folder: string;
  readonly script: string;
  readonly uri: string;
  readonly runPath: string;
  readonly runId: string;
  remove(): void;
}

/** How the fixture differs from a plain run. */
export interface RunFixtureOptions {
  /** Ticks of 10 ms. */
  readonly tickCount?: number;
  readonly folderName?: string;
  readonly manifest?: Partial<RunManifest>;
}

/** Makes a workspace folder with `app.py` and a run of it: 60 % distance (of it half in a generator), 40 % sleep. */
export function runFixture(options: RunFixtureOptions = {}): RunFixture {
  const folder = join(
    realpathSync(mkdtempSync(join(tmpdir(), 'pyrolens-test-'))),
    options.folderName ?? 'my work ä',
  );
  mkdirSync(folder, { recursive: true });
  const script = join(folder, 'app.py');
  writeFileSync(script, programText);
  const runId = 'run-1';
  const runDir = join(folder, '.run');
  mkdirSync(runDir);
  const manifest: RunManifest = {
    version: 1,
    id: runId,
    name: 'app.py',
    engine: 'bundled-sampler',
    engineVersion: '1',
    rateHzAsked: 100,
    command: ['python3', script],
    script,
    cwd: folder,
    interpreter: { path: 'python3', version: '3.12.1' },
    startedAtMs: Date.now(),
    endedAtMs: Date.now() + 1000,
    state: 'ended',
    exit: { code: 0, signal: null },
    git: undefined,
    sources: undefined,
    ...options.manifest,
  };
  const runPath = join(runDir, 'run.pyrolens');
  writeFileSync(runPath, JSON.stringify(manifest));
  writeFileSync(join(runDir, 'samples-42-1.chunks'), recording(script, options.tickCount ?? 100));
  const root = join(folder, '..');
  return {
    folder,
    script,
    uri: pathToFileURL(script).href,
    runPath,
    runId,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The stream of a run of `programText`: of ten ticks three are in distance, three in its generator, four asleep. */
function recording(script: string, tickCount: number): Uint8Array {
  const writer = new ChunkWriter().meta({ monotonicNs: 0 });
  const main = writer.lane('MainThread', { identity: 1 });
  const { size } = statSync(script);
  writer.file(script, Number(statSync(script, { bigint: true }).mtimeNs), size);
  const module = writer.func('<module>', script, 1);
  const score = writer.func('score', script, 4);
  const distance = writer.func('distance', script, 11);
  const generator = writer.func('distance.<locals>.<genexpr>', script, 14);
  const root = writer.stack(-1, writer.location(module, 17, { column: 0, endColumn: 17 }));
  const inLoop = writer.stack(root, writer.location(score, 6, { column: 16, endColumn: 39 }));
  const asleep = writer.stack(root, writer.location(score, 7, { column: 8, endColumn: 24 }));
  const inDistance = writer.stack(inLoop, writer.location(distance, 14, { column: 11, endColumn: 42 }));
  const inGenerator = writer.stack(inDistance, writer.location(generator, 14, { column: 15, endColumn: 24 }));
  for (let tick = 0; tick < tickCount; tick++) {
    const phase = tick % 10;
    const stack = phase < 3 ? inDistance : phase < 6 ? inGenerator : asleep;
    writer.tick(10_000_000, [{ lane: main, stack, cpuNs: phase < 6 ? 9_900_000 : 10_000 }]);
    if (tick % 100 === 99) writer.data((tick - 99) * 10_000_000);
  }
  writer.data(tickCount * 10_000_000).end({ monotonicNs: tickCount * 10_000_000 });
  return writer.build().bytes;
}
