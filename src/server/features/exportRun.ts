import { createWriteStream } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExportFormat } from '../../shared/api';
import { PyrolensError } from '../../shared/failures';
import type { Profile } from '../../shared/profile';
import { functionTree } from '../analyze/functionTree';
import { nodeTimes } from '../analyze/nodeTimes';
import { resolveFilter, wholeRun } from '../analyze/selection';
import type { OpenRun } from '../loadedRun';
import { functionPlace } from './functionFacts';
import { speedscopeFile } from './speedscope';

/**
 * Writes a run in a foreign format. Throws `PyrolensError('exportFailed')` when the run does not hold what the
 * format needs, and the operating system's reasons as usual.
 */
export async function exportRun(open: OpenRun, format: ExportFormat, target: string): Promise<void> {
  const { profile, manifest } = open.run;
  if (format === 'pstats') return copyPstats(open, target);
  if (profile.calls) {
    throw new PyrolensError('exportFailed', { path: target, reason: 'cProfile keeps no stacks' });
  }
  const pieces = format === 'speedscope' ? speedscopeFile(profile, manifest.name) : collapsedFile(profile);
  try {
    await pipeline(Readable.from(batches(pieces)), createWriteStream(target));
  } catch (error) {
    throw PyrolensError.from(error);
  }
}

async function copyPstats({ run }: OpenRun, target: string): Promise<void> {
  const names = run.path.endsWith('.pyrolens')
    ? await readdir(run.folder)
    : [run.path.slice(run.folder.length + 1)];
  const name =
    names.find(candidate => candidate.endsWith('.pstats')) ?? (run.profile.calls ? names[0] : undefined);
  if (name === undefined) {
    throw new PyrolensError('exportFailed', {
      path: target,
      reason: 'the run was sampled: it has no call counts',
    });
  }
  await copyFile(join(run.folder, name), target).catch((error: unknown) => {
    throw PyrolensError.from(error);
  });
}

/** Joins small pieces into writes of a sensible size. */
function* batches(pieces: Iterable<string>): Generator<string> {
  let batch = '';
  for (const piece of pieces) {
    batch += piece;
    if (batch.length < 64 * 1024) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

/** Collapsed stacks («thread;root;…;leaf microseconds»), as flamegraph.pl and its kin read them. */
export function* collapsedFile(profile: Profile): Generator<string> {
  const tree = functionTree(profile);
  const names = Array.from({ length: profile.functions.length }, (_, func) => functionLabel(profile, func));
  for (let lane = 0; lane < profile.lanes.length; lane++) {
    const times = nodeTimes(profile, resolveFilter(profile, { ...wholeRun, lane }));
    const selfNs = new Float64Array(tree.length);
    times.self.wallNs.forEach((ns, node) => {
      const at = tree.ofNode[node] ?? -1;
      if (at >= 0) selfNs[at] = (selfNs[at] ?? 0) + ns;
    });
    const root = clean(profile.lanes[lane]?.name ?? '');
    for (let at = 0; at < tree.length; at++) {
      const microseconds = Math.round((selfNs[at] ?? 0) / 1000);
      if (microseconds > 0) yield `${root};${stackLabel(tree, names, at)} ${microseconds}\n`;
    }
  }
}

function stackLabel(tree: ReturnType<typeof functionTree>, names: readonly string[], leaf: number): string {
  const path: string[] = [];
  for (let at = leaf; at >= 0; at = tree.parent[at] ?? -1) path.push(names[tree.func[at] ?? 0] ?? '');
  return path.reverse().join(';');
}

function functionLabel(profile: Profile, func: number): string {
  const { name, place } = functionPlace(profile, func);
  return clean(place === '' ? name : `${name} (${place})`);
}

/** The format's own separators must not stand in a name. */
function clean(text: string): string {
  return text.replace(/[;\r\n]/g, ' ');
}
