/** Builds the extension as users get it: `out/pyrolens.vsix`, anew only when something that goes into it changed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './debianPackages.mjs';
import { repositoryRoot as root } from './workbenchInstall.mjs';

const ingredients = [
  'src',
  'webview',
  'media',
  'package.json',
  'package.nls.json',
  'package-lock.json',
  'esbuild.mjs',
  '.vscodeignore',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** Returns the path of an up-to-date VSIX. Throws a `SetupError` with the tool's own words when it does not build. */
export function buildVsix(report) {
  const vsix = join(root, 'out', 'pyrolens.vsix');
  const keyPath = `${vsix}.key`;
  const key = keyOf(ingredients.flatMap(filesBelow));
  if (existsSync(vsix) && existsSync(keyPath) && readFileSync(keyPath, 'utf8') === key) return vsix;
  report('Building and packaging the extension.');
  mkdirSync(join(root, 'out'), { recursive: true });
  // vsce runs `vscode:prepublish`, which is the production build.
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = [vsce, 'package', '--no-dependencies', '--out', vsix];
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) {
    throw new SetupError(`The extension does not build:\n${result.stdout}\n${result.stderr}`);
  }
  writeFileSync(keyPath, key);
  return vsix;
}

function filesBelow(path) {
  const absolute = join(root, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute, { recursive: true, encoding: 'utf8' })
    .filter(name => !name.includes('__pycache__'))
    .map(name => join(path, name))
    .filter(name => statSync(join(root, name)).isFile())
    .sort();
}

function keyOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
