import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './debianPackages.mjs';
import { cacheRoot } from './workbenchInstall.mjs';

const version = '0.17.6';

/** Path of the pinned ruff in a virtual environment of its own in the user's cache folder, made on first use. */
export function installRuff(python, report) {
  const folder = join(cacheRoot, `ruff-${version}`);
  const bin = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const ruff = join(bin, 'ruff');
  if (existsSync(ruff)) return ruff;
  report(`Installing ruff ${version} into the cache.`);
  const [program = '', ...args] = python;
  must(program, [...args, '-m', 'venv', folder]);
  must(join(bin, 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `ruff==${version}`,
  ]);
  return ruff;
}

function must(program, args) {
  const result = spawnSync(program, args, { encoding: 'utf8' });
  if (result.status === 0) return;
  throw new SetupError(`${program} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
}
