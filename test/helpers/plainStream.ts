/** A small recorded process, for tests of the reader of chunk streams, and what they read of its profile. */
import type { ParseResult, Profile } from '../../src/shared/profile';
import { ChunkWriter } from './chunkWriter';
import { parseFiles } from './parsing';

/** The script that the process runs. */
export const scriptPath = '/srv/app.py';

/** A process with one thread in `outer → inner`, ticks of 10 ns. */
export function plainStream(pid = 42, startNs = 1000) {
  const writer = new ChunkWriter(pid).meta({ monotonicNs: startNs });
  const main = writer.lane('MainThread', { identity: 1 });
  const outer = writer.stack(-1, writer.location(writer.func('outer', scriptPath, 1), 2));
  const inner = writer.stack(
    outer,
    writer.location(writer.func('inner', scriptPath, 5), 6, { column: 4, endColumn: 9 }),
  );
  return { writer, main, outer, inner };
}

/** The profile of a run with this one stream. */
export function parseStream(bytes: Uint8Array): Promise<ParseResult> {
  return parseFiles({ 'samples-42-1.chunks': bytes });
}

/** The names of a sample's functions, the outermost first. */
export function stackNames(profile: Profile, sample: number): string[] {
  const names: string[] = [];
  for (let node = profile.samples.node[sample] ?? -1; node >= 0; node = profile.nodes.parent[node] ?? -1) {
    const func = profile.frames.func[profile.nodes.frame[node] ?? 0] ?? 0;
    names.unshift(profile.strings[profile.functions.name[func] ?? 0] ?? '');
  }
  return names;
}
