import { createWriteStream } from 'node:fs';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ExportFormat } from '../../shared/exportFormats';
import { PyrolensError } from '../../shared/failures';
import type { OpenRun } from '../loadedRun';
import { say } from '../strings';
import { exportWriters } from './export/writers';

/**
 * Writes a run in a foreign format. Throws `PyrolensError('exportFailed')` when the run does not hold what the
 * format needs, and the operating system's reasons as usual; then nothing half written is left.
 */
export async function exportRun(open: OpenRun, format: ExportFormat, target: string): Promise<void> {
  const { profile, manifest } = open.run;
  if (format === 'pstats') return copyPstats(open, target);
  if (profile.calls) throw refused(target, say('exportNeedsStacks'));
  if (profile.samples.length === 0) throw refused(target, say('exportNothing'));
  const { pieces, isGzip } = exportWriters[format];
  const source = { profile, name: manifest.name, startedAtMs: manifest.startedAtMs };
  const written = Readable.from(batches(pieces(source)), { objectMode: false });
  const file = createWriteStream(target);
  try {
    await (isGzip ? pipeline(written, createGzip(), file) : pipeline(written, file));
  } catch (error) {
    // A target that was never opened is not ours to remove.
    if (file.bytesWritten > 0) await rm(target, { force: true }).catch(() => undefined);
    throw PyrolensError.from(error);
  }
}

function refused(path: string, reason: string): PyrolensError {
  return new PyrolensError('exportFailed', { path, reason });
}

async function copyPstats({ run }: OpenRun, target: string): Promise<void> {
  const names = run.path.endsWith('.pyrolens')
    ? await readdir(run.folder)
    : [run.path.slice(run.folder.length + 1)];
  const name =
    names.find(candidate => candidate.endsWith('.pstats')) ?? (run.profile.calls ? names[0] : undefined);
  if (name === undefined) throw refused(target, say('exportNeedsCalls'));
  await copyFile(join(run.folder, name), target).catch((error: unknown) => {
    throw PyrolensError.from(error);
  });
}

const writeSize = 64 * 1024;

/** Joins small pieces of text into writes of a sensible size. */
function* batches(pieces: Iterable<string | Uint8Array>): Generator<Buffer> {
  let batch = '';
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      yield Buffer.from(piece);
      continue;
    }
    batch += piece;
    if (batch.length < writeSize) continue;
    yield Buffer.from(batch);
    batch = '';
  }
  if (batch !== '') yield Buffer.from(batch);
}
