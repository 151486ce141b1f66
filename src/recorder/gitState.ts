import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RunManifest } from '../shared/manifest';

const run = promisify(execFile);
const timeoutMs = 1500;

/** The commit checked out at `dir` and how many tracked files differ from it; undefined outside git or when slow. */
export async function readGitState(dir: string): Promise<RunManifest['git']> {
  try {
    const [commit, changes] = await Promise.all([
      git(dir, ['rev-parse', 'HEAD']),
      git(dir, ['status', '--porcelain', '--untracked-files=no']),
    ]);
    return {
      commit: commit.trim(),
      changedFileCount: changes.split('\n').filter(line => line !== '').length,
    };
  } catch {
    return undefined;
  }
}

async function git(dir: string, args: readonly string[]): Promise<string> {
  const options = { cwd: dir, timeout: timeoutMs, windowsHide: true, encoding: 'utf8' } as const;
  // Without optional locks a concurrent commit of the user's is never disturbed.
  return (await run('git', ['--no-optional-locks', ...args], options)).stdout;
}
