/**
 * `npm run profile -- [options] script.py [args]`: profiles a script without an editor. Installs and builds first when
 * that has not been done since the sources changed; paths count from where npm was called.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installDependencies } from './helpers/dependencies.mjs';
import { repositoryRoot as root } from './helpers/workbenchInstall.mjs';

const cli = join(root, 'dist', 'cli.js');

if (!isFresh()) {
  installDependencies(text => console.error(text));
  // Nothing but the program's output and the report goes to standard output.
  const built = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
process.chdir(process.env.INIT_CWD ?? process.cwd());
process.argv = [process.execPath, cli, 'profile', ...process.argv.slice(2)];
createRequire(import.meta.url)(cli);

function isFresh() {
  if (!existsSync(cli)) return false;
  const builtAtMs = statSync(cli).mtimeMs;
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ts|py)$/.test(entry.name))
    .every(entry => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs <= builtAtMs);
}
