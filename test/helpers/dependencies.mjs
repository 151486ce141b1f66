/** Brings `node_modules` up to date with the lockfile. Uses nothing but Node, since nothing else may be there yet. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './debianPackages.mjs';
import { repositoryRoot as root } from './workbenchInstall.mjs';

/** Runs `npm ci` unless this very lockfile was installed before. */
export function installDependencies(report) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const mark = join(root, 'node_modules', '.pyrolens-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  report('Installing the npm packages (npm ci).');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' };
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], options);
  if (result.status !== 0) throw new SetupError(`npm ci failed:\n${result.stdout}\n${result.stderr}`);
  writeFileSync(mark, lock);
}
