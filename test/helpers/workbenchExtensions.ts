import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { workbench } from './workbenchInstall.mjs';

/** Where a code-server keeps what it has: `user-data`, `extensions` and `config.yaml` of this folder. */
export function workbenchFolders(home: string): string[] {
  return [
    ...['--user-data-dir', join(home, 'user-data')],
    ...['--extensions-dir', join(home, 'extensions')],
    ...['--config', join(home, 'config.yaml')],
  ];
}

/** Changes what is installed; the next load of the window sees it. */
export function changeExtensions(
  home: string,
  action: '--install-extension' | '--uninstall-extension',
  extension: string,
): void {
  const args = [workbench.codeServer, action, extension, '--force', ...workbenchFolders(home)];
  execFileSync(workbench.node, args, { env: workbenchEnvironment({}), stdio: 'pipe' });
}

/** Variables of an enclosing VS Code would redirect the server to that one. */
export function workbenchEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...extra };
  for (const name of Object.keys(env)) {
    if (/^(VSCODE_|NODE_OPTIONS$|NODE_TEST|npm_)/.test(name)) delete env[name];
  }
  return env;
}

/**
 * A folder to copy, in which code-server has installed these VSIX files. It takes seconds for each, so a set is
 * installed once for all test files.
 */
export function installedExtensions(vsixes: readonly string[]): string {
  const home = join(
    process.cwd(),
    'out',
    'extensions',
    vsixes.map(path => basename(path, '.vsix')).join('+'),
  );
  const key = keyOf(vsixes);
  const keyPath = join(home, 'key');
  const isCurrent = existsSync(keyPath) && readFileSync(keyPath, 'utf8') === key;
  if (!isCurrent) {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    for (const vsix of vsixes) changeExtensions(home, '--install-extension', vsix);
    writeFileSync(keyPath, key);
  }
  return join(home, 'extensions');
}

function keyOf(vsixes: readonly string[]): string {
  const hash = createHash('sha256').update(workbench.codeServer);
  for (const vsix of vsixes) hash.update(readFileSync(vsix));
  return hash.digest('hex');
}
