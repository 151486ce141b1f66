/** Go and its «go tool pprof», the program that pprof's files are made for, kept in the user's cache folder. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installProfilers } from './profilers.mjs';
import { cacheRoot } from './workbenchInstall.mjs';

/** Installs Go when it is missing (some 80 MB, about 20 seconds). Answers why it cannot be used, or undefined. */
export function missingGo() {
  try {
    runGo(['version']);
    return undefined;
  } catch (error) {
    return `Go cannot be installed: ${String(error.message).split('\n')[0]}`;
  }
}

/** Runs Go to its end; it fetches nothing and writes its own files into the cache. Returns what it printed. */
export function runGo(args) {
  const go = join(installProfilers('go'), 'go');
  const home = join(cacheRoot, 'go-home');
  const places = { HOME: home, USERPROFILE: home, GOCACHE: join(home, 'build'), PPROF_TMPDIR: home };
  const env = { ...process.env, ...places, GOENV: 'off', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  mkdirSync(home, { recursive: true });
  return execFileSync(go, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const units = { nanoseconds: 'ns', bytes: 'B', count: 'count' };

/** `pprof -top` with every function, nothing rounded. `type` is one of the profile's sample types, its own by default. */
export function pprofTop(path, { unit, type }) {
  const everything = ['-nodecount=0', '-nodefraction=0', '-edgefraction=0'];
  const chosen = type === undefined ? [] : [`-sample_index=${type}`];
  return runGo(['tool', 'pprof', '-top', `-unit=${units[unit]}`, ...chosen, ...everything, path]);
}

/** `pprof -raw`: every sample, location and mapping. */
export function pprofRaw(path) {
  return runGo(['tool', 'pprof', '-raw', path]);
}
