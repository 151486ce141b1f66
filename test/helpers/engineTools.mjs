/** The tools that engines drive, as commands that run on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './debianPackages.mjs';
import { findInterpreters } from './interpreters.mjs';
import { installProfilers } from './profilers.mjs';
import { cacheRoot } from './workbenchInstall.mjs';

/**
 * @typedef {object} EngineTool what a launch plan says of an engine's tool
 * @property {string[]} tool
 * @property {string} [toolVersion]
 * @property {{PYTHONPATH: string}} [env]
 */

/** @returns {EngineTool} */
export function pySpyTool() {
  return { tool: [join(installProfilers(), 'py-spy')], toolVersion: '0.4.3' };
}

/** The last Austin that wrote text. @returns {EngineTool} */
export function austin3Tool() {
  return { tool: [join(installProfilers('austin3'), 'austin')], toolVersion: '3.7.0' };
}

/**
 * Austin 4, by the C library of Debian testing where this machine's is too old for it. Undefined where neither can be.
 * @returns {Promise<EngineTool | undefined>}
 */
export async function austin4Tool() {
  const austin = join(installProfilers(), 'austin');
  if (runs([austin, '--version'])) return { tool: [austin], toolVersion: '4.0.0' };
  const root = (await findInterpreters()).find(({ root }) => root !== undefined)?.root;
  if (root === undefined) return undefined;
  const library = join(root, 'lib/x86_64-linux-gnu');
  const tool = [join(root, 'lib64/ld-linux-x86-64.so.2'), '--library-path', library, austin];
  return runs([...tool, '--version']) ? { tool, toolVersion: '4.0.0' } : undefined;
}

function runs([program, ...args]) {
  return spawnSync(program, args).status === 0;
}

const packageVersions = { viztracer: '1.1.1', memray: '1.20.0', uvloop: '0.22.1' };

/**
 * A package for one minor version of Python, in a folder of the user's cache that has to be put on `PYTHONPATH`. Fails
 * with a `SetupError` that has pip's reason.
 * @param {'viztracer' | 'memray' | 'uvloop'} name
 * @param {string} pythonVersion as `3.12.1`
 * @returns {EngineTool}
 */
export function packageTool(name, pythonVersion) {
  const minor = pythonVersion.split('.').slice(0, 2).join('.');
  const version = packageVersions[name];
  const folder = join(cacheRoot, `package-${name}-${version}-for-${minor}`);
  const found = { tool: [], toolVersion: version, env: { PYTHONPATH: folder } };
  if (existsSync(join(folder, 'complete'))) return found;
  const where = ['--quiet', '--target', folder, '--python-version', minor, '--only-binary', ':all:'];
  const pip = [join(installProfilers(), 'pip'), 'install', '--disable-pip-version-check', ...where];
  const { status, stderr } = spawnSync(pip[0], [...pip.slice(1), `${name}==${version}`], {
    encoding: 'utf8',
  });
  const reason = stderr.trim().split('\n').at(-1);
  if (status !== 0) throw new SetupError(reason.replace(/^ERROR: /, ''));
  writeFileSync(join(folder, 'complete'), '');
  return found;
}
