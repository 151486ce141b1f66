/**
 * Imports one file in a process of its own and prints an `ImportResult` as JSON: `node --expose-gc … FILE`.
 * The clock runs as for a user, from the closed file to the finished profile, in code that was never run before.
 */
import { dirname } from 'node:path';
import { detectFormat } from '../../src/server/parse';
import { Slicer } from '../../src/server/slicer';
import { openSource } from '../../src/server/unpack';

/** What one import took. Bytes are of plain text, after unpacking. */
export interface ImportResult {
  /** Undefined: no parser knows the file. */
  readonly format: string | undefined;
  readonly plainBytes: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** What a garbage collection leaves of the profile: heap and typed arrays. */
  readonly keptBytes: number;
  readonly peakRssBytes: number;
  readonly sampleCount: number;
  readonly nodeCount: number;
  readonly problems: readonly string[];
}

const path = process.argv[2] ?? '';
const before = keptBytes();
const cpuBefore = process.cpuUsage();
const startedAtMs = performance.now();
const slicer = new Slicer();
const source = await openSource(path, slicer);
const format = detectFormat(source);
const context = { origins: { ownRoots: [dirname(path)] }, slicer, sidecar: () => undefined };
const result = await format?.parse([source], context);
const wallMs = performance.now() - startedAtMs;
const { user, system } = process.cpuUsage(cpuBefore);
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
const plainBytes = source.size;
source.close();
const answer: ImportResult = {
  format: format?.name,
  plainBytes,
  wallMs,
  cpuMs: (user + system) / 1000,
  keptBytes: keptBytes() - before,
  peakRssBytes,
  sampleCount: result?.profile.samples.length ?? 0,
  nodeCount: result?.profile.nodes.length ?? 0,
  problems: (result?.problems ?? []).map(problem => problem.message),
};
console.log(JSON.stringify(answer));

function keptBytes(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
