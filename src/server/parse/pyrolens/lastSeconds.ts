/** Runs of which only the last seconds were kept: `src/collectors/FORMAT.md`, `lastNs` in the meta chunk. */
import { formatDuration } from '../../../shared/formatting';
import { say } from '../../strings';
import { ByteReader } from '../bytes/byteReader';
import { type ByteSource, rangeOf } from '../bytes/byteSource';
import { chunkHeaderSize, headerSize, jsonObject, numberOf } from './chunkJson';

const maxMetaBytes = 1 << 20;

interface KeptProcess {
  readonly meta: Readonly<Record<string, unknown>>;
}

/** When the last seconds begin that were to be kept; 0 where everything was kept. */
export function keptWindowNs(parts: readonly ByteSource[]): number {
  let windowNs = 0;
  for (const part of parts) {
    const meta = metaOf(part);
    const [keptNs, lastNs] = [numberOf(meta['keptNs']), numberOf(meta['lastNs'])];
    if (lastNs > 0) windowNs = Math.max(windowNs, keptNs - lastNs);
  }
  return windowNs;
}

/** True when what was before the run's beginning was dropped, so that calls may have begun before. */
export function isCut(processes: readonly KeptProcess[], startNs: number): boolean {
  return processes.some(({ meta }) => {
    if (numberOf(meta['lastNs']) === 0) return false;
    return meta['cutBy'] !== '' || numberOf(meta['monotonicNs']) < startNs;
  });
}

/** How much was kept, and whether that is less than it should have been. */
export function lastSecondsLimits(
  processes: readonly KeptProcess[],
  { startNs, endNs }: { readonly startNs: number; readonly endNs: number },
): string[] {
  if (!isCut(processes, startNs)) return [];
  const limits = [say('lastSeconds', formatDuration(endNs - startNs))];
  const fullNs = processes
    .filter(({ meta }) => meta['cutBy'] === 'memory')
    .map(({ meta }) => numberOf(meta['keptNs']) - numberOf(meta['monotonicNs']));
  if (fullNs.length > 0) limits.push(say('lastSecondsMemory', formatDuration(Math.min(...fullNs))));
  return limits;
}

/** The first chunk, wherever it can be read. */
function metaOf(part: ByteSource): Readonly<Record<string, unknown>> {
  const header = rangeOf(part, headerSize, chunkHeaderSize);
  if (header.length < chunkHeaderSize) return {};
  const reader = new ByteReader(header);
  const length = reader.u32();
  if (reader.u8() !== 1 || length > maxMetaBytes) return {};
  try {
    return jsonObject(rangeOf(part, headerSize + chunkHeaderSize, length));
  } catch {
    return {};
  }
}
