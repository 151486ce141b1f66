import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from './workbenchInstall.mjs';

/** The last that run on 3.9; all are pure Python, and run on every newer interpreter too. */
const packages = [
  'pytest==8.4.2',
  'iniconfig==2.1.0',
  'packaging==25.0',
  'pluggy==1.6.0',
  'pygments==2.19.2',
  // Below 3.11 only: pip would ask the interpreter that it runs on.
  'exceptiongroup==1.3.0',
  'tomli==2.2.1',
  'typing_extensions==4.15.0',
];

/**
 * Folder with pytest for `PYTHONPATH`, one for every interpreter, in the user's cache folder. Made on first use by the
 * pip of `python` (words to spawn); undefined, and the reason is reported, when that fails.
 */
export function installPytest(python, report) {
  const folder = join(cacheRoot, `pytest-${packages.map(text => text.replace(/.*==/, '')).join('-')}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  report('Installing pytest into the cache.');
  const pure = ['--only-binary', ':all:', '--platform', 'any', '--implementation', 'py', '--abi', 'none'];
  const how = ['--quiet', '--disable-pip-version-check', '--no-deps', '--target', folder];
  const [program = '', ...args] = python;
  const pip = [...args, '-m', 'pip', 'install', ...how, ...pure, ...packages];
  const { status, stderr } = spawnSync(program, pip, { encoding: 'utf8' });
  if (status !== 0) {
    report(`pytest cannot be installed: ${stderr.trim()}`);
    return undefined;
  }
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}
