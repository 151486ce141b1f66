/**
 * Profiles that real profilers wrote about a program that keeps Python's own library busy. They are recorded into
 * the user's cache folder on first use, because they are too large for the checkout.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installProfilers } from '../helpers/profilers.mjs';
import { cacheRoot, repositoryRoot } from '../helpers/workbenchInstall.mjs';

/** Raised when the program or a command line changes. */
const revision = 2;
const program = join(repositoryRoot, 'test', 'fixtures', 'programs', 'library_work.py');

const recordings = [
  { id: 'py-spy-raw', file: 'raw.collapsedstack.txt', isReadByPeer: true, command: pySpy('raw') },
  {
    id: 'py-spy-speedscope',
    file: 'profile.speedscope.json',
    isReadByPeer: true,
    command: pySpy('speedscope'),
  },
  {
    id: 'viztracer',
    file: 'viztracer.json',
    isReadByPeer: true,
    command: vizTracer,
  },
  {
    id: 'austin-text',
    file: 'profile.austin',
    isReadByPeer: true,
    environment: 'austin3',
    command: austin('-i', '500'),
  },
  {
    id: 'austin-mojo',
    file: 'profile.mojo',
    isReadByPeer: false,
    environment: 'austin3',
    command: austin('-b', '-i', '500'),
  },
];

function pySpy(format) {
  const options = ['record', '-f', format, '-r', '1000', '--full-filenames'];
  return (bin, output) => [join(bin, 'py-spy'), ...options, '-o', output, '--', join(bin, 'python'), program];
}

/** A fifth of a second is some hundred thousand calls, of which none may be lost: the buffer holds millions. */
function vizTracer(bin, output) {
  return [join(bin, 'viztracer'), '--tracer_entries', '3000000', '-o', output, program, '0.2'];
}

function austin(...options) {
  return (bin, output) => [join(bin, 'austin'), ...options, '-o', output, join(bin, 'python'), program];
}

/** A recording that is smaller holds nothing: the profiler did not see the program. */
const leastBytes = 10_000;

/** Records what is missing. A profiler that fails is reported and left out. */
export function recordRealProfiles(report) {
  const folder = join(cacheRoot, `bench-recordings-${revision}`);
  mkdirSync(folder, { recursive: true });
  return recordings.flatMap(recording => {
    const path = join(folder, recording.file);
    const mark = `${path}.complete`;
    const isThere = existsSync(mark) && statSync(path).size >= leastBytes;
    if (!isThere && !record(recording, path, report)) return [];
    writeFileSync(mark, '');
    return [{ id: recording.id, path, isReadByPeer: recording.isReadByPeer }];
  });
}

function record({ id, command, environment = 'main' }, path, report) {
  report(`recording ${id}`);
  rmSync(path, { force: true });
  const [profiler, ...args] = command(installProfilers(environment, report), path);
  const result = spawnSync(profiler, args, { encoding: 'utf8' });
  if (existsSync(path) && statSync(path).size >= leastBytes) return true;
  report(`skipped real ${id}: ${profiler} ended with ${result.status}: ${result.stderr.slice(-500)}`);
  return false;
}
