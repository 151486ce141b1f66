/** Parsing files in tests, and reading the result as people would. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Measurement } from '../../src/server/analyze/measurement';
import { wholeRun } from '../../src/server/analyze/selection';
import { detectFormat, parseParts } from '../../src/server/parse';
import { MemorySource } from '../../src/server/parse/bytes/byteSource';
import { Slicer } from '../../src/server/slicer';
import type { ParseResult, Profile } from '../../src/shared/profile';

/** Folder of the recorded files; the tests run with the checkout as working folder. */
export const profilesFolder = join(process.cwd(), 'test', 'fixtures', 'profiles');

/** Bytes of a recorded file, unpacked when it is kept as `.gz`. */
export function fixtureBytes(name: string): Uint8Array {
  const bytes = readFileSync(join(profilesFolder, name));
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

/** Parses bytes as a file whose name tells nothing. */
export function parseBytes(bytes: Uint8Array, options: { valueType?: number } = {}): Promise<ParseResult> {
  return parseParts([new MemorySource('profile', bytes)], { ...plainContext(), ...options });
}

/** Parses the parts of a run, by their names. */
export function parseFiles(parts: Readonly<Record<string, Uint8Array>>): Promise<ParseResult> {
  const sources = Object.entries(parts).map(([name, bytes]) => new MemorySource(name, bytes));
  return parseParts(sources, plainContext());
}

function plainContext() {
  return { origins: { ownRoots: ['/work', '/tmp'] }, slicer: new Slicer(), sidecar: () => undefined };
}

/** The name of the format that the bytes are taken for. */
export function formatOf(bytes: Uint8Array): string | undefined {
  return detectFormat(new MemorySource('profile', bytes))?.name;
}

/** Self and total of each function by name, as shares of the profile's whole. */
export function functionShares(profile: Profile): Map<string, { total: number; self: number }> {
  const measured = new Measurement(profile, wholeRun).functions();
  const total = profile.calls?.totalNs ?? measured.total.totalNs;
  const self = profile.calls?.selfNs ?? measured.self.totalNs;
  const whole = profile.info.durationNs;
  const shares = new Map<string, { total: number; self: number }>();
  for (let func = 0; func < profile.functions.length; func++) {
    const name = profile.strings[profile.functions.name[func] ?? 0] ?? '';
    const known = shares.get(name) ?? { total: 0, self: 0 };
    shares.set(name, {
      total: known.total + (total[func] ?? 0) / whole,
      self: known.self + (self[func] ?? 0) / whole,
    });
  }
  return shares;
}

/** Stacks root first as `name:line`, joined by `;`, with the sum of their weights. */
export function stackWeights(profile: Profile): Map<string, number> {
  const weights = new Map<string, number>();
  for (let i = 0; i < profile.samples.length; i++) {
    const stack = stackText(profile, profile.samples.node[i] ?? -1);
    weights.set(stack, (weights.get(stack) ?? 0) + (profile.samples.weightNs[i] ?? 0));
  }
  return weights;
}

function stackText(profile: Profile, leaf: number): string {
  const texts: string[] = [];
  for (let node = leaf; node >= 0; node = profile.nodes.parent[node] ?? -1) {
    const frame = profile.nodes.frame[node] ?? 0;
    const name = profile.strings[profile.functions.name[profile.frames.func[frame] ?? 0] ?? 0];
    texts.push(`${name}:${profile.frames.line[frame]}`);
  }
  return texts.reverse().join(';');
}
