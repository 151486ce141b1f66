/** The observer as it is shipped, and what its streams hold, for tests. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { build } from 'esbuild';
import {
  type Lane,
  type ParseResult,
  type Profile,
  type WaitReason,
  waitReasons,
} from '../../src/shared/profile';
import { type AtGate, chunkFiles, startAtGate, startObserver, type Watched } from './observedProgram.mjs';
import { parseBytes, parseFiles } from './parsing';

const cleanups: (() => void)[] = [];
after(() => {
  for (const cleanUp of cleanups.reverse()) cleanUp();
});

/** A folder that is removed when the file's tests are over. */
export function runFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pyrolens-observed-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Python, waiting before the program's first line; it is ended when the file's tests are over. */
export async function atGate(...words: Parameters<typeof startAtGate>): Promise<AtGate> {
  const target = await startAtGate(...words);
  cleanups.push(() => target.child.kill('SIGKILL'));
  return target;
}

/** The observer, looking or ended. */
export async function observe(
  pid: number,
  runDir: string,
  options: readonly string[] = [],
): Promise<Watched> {
  const observer = await startObserver(await builtObserver(), pid, runDir, ['--rate', '1000', ...options]);
  cleanups.push(() => observer.child.kill('SIGKILL'));
  return observer;
}

let bundle: Promise<string> | undefined;

/** The observer, bundled once per test file. */
export function builtObserver(): Promise<string> {
  bundle ??= (async () => {
    const outfile = join(runFolder(), 'observer.js');
    await build({
      entryPoints: ['src/observer/main.ts'],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    return outfile;
  })();
  return bundle;
}

/** The profile of the only stream, or of that of a process. */
export async function observedProfile(runDir: string, pid?: number): Promise<Profile> {
  const files = chunkFiles(runDir).filter(name => pid === undefined || name.startsWith(`samples-${pid}-`));
  if (files.length !== 1) throw new Error(`${files.length} streams: ${chunkFiles(runDir)}`);
  return (await parseBytes(readFileSync(join(runDir, files[0] ?? '')))).profile;
}

/** All streams of a run folder as one run. */
export function observedRun(runDir: string): Promise<ParseResult> {
  return parseFiles(
    Object.fromEntries(chunkFiles(runDir).map(name => [name, readFileSync(join(runDir, name))])),
  );
}

/** Why a thread waited at each of its samples. */
export function laneReasons({ samples }: Profile, { firstSample, sampleCount }: Lane): WaitReason[] {
  const reasons = samples.reason.subarray(firstSample, firstSample + sampleCount);
  return [...reasons].map(reason => waitReasons[reason] ?? 'unknown');
}

/** The stacks of a lane, root first as `name:line`, each once. */
export function laneStacks(profile: Profile, laneName: string): string[][] {
  const lane = profile.lanes.find(({ name }) => name === laneName);
  if (lane === undefined) return [];
  const nodes = profile.samples.node.slice(lane.firstSample, lane.firstSample + lane.sampleCount);
  return [...new Set(nodes)].map(node => stackOf(profile, node));
}

function stackOf(profile: Profile, leaf: number): string[] {
  const frames: string[] = [];
  for (let node = leaf; node >= 0; node = profile.nodes.parent[node] ?? -1) {
    const frame = profile.nodes.frame[node] ?? 0;
    const name = profile.strings[profile.functions.name[profile.frames.func[frame] ?? 0] ?? 0];
    frames.push(`${name}:${profile.frames.line[frame]}`);
  }
  return frames.reverse();
}
