import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A Python of this machine. */
export interface LocalPython {
  readonly path: string;
  /** `3.12`. */
  readonly version: string;
}

/** One Python ≥ 3.9 of each minor version that is here: `python3` and pyenv's. */
export function localPythons(): LocalPython[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const names = existsSync(versions) ? readdirSync(versions) : [];
  const programs = ['python3', ...names.map(name => join(versions, name, 'bin', 'python'))];
  const found = new Map<string, LocalPython>();
  for (const path of programs) {
    const version = versionOf(path);
    if (version !== undefined && !found.has(version)) found.set(version, { path, version });
  }
  return [...found.values()];
}

function versionOf(path: string): string | undefined {
  try {
    const script = 'import sys; print("%d.%d" % sys.version_info[:2])';
    const version = execFileSync(path, ['-c', script], { encoding: 'utf8', stdio: 'pipe' }).trim();
    return version.startsWith('3.') && Number(version.slice(2)) >= 9 ? version : undefined;
  } catch {
    return undefined;
  }
}
