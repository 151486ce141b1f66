/** Programs and Debian packages that the tests need of the machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A problem of the machine that the user can mend: the message says how, no stack is needed. */
export class SetupError extends Error {}

/**
 * Makes sure that a Debian package is there: as root it is installed. `isThere` looks for what it brings. Throws a
 * `SetupError` with the command where that cannot be.
 */
export function ensureDebianPackage(name, isThere, report) {
  if (isThere()) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${name}`;
  if (process.getuid?.() !== 0 || findOnPath(['apt-get']) === undefined) {
    throw new SetupError(`${name} is missing. Install it with:\n\n    sudo sh -c '${command}'\n`);
  }
  report(`Installing ${name} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
  if (result.status !== 0 || !isThere()) {
    throw new SetupError(`«${command}» did not bring ${name}:\n${result.stderr.slice(-2000)}`);
  }
}

/** Absolute path of the first of these programs that PATH knows, or undefined. */
export function findOnPath(names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '');
  for (const name of names) {
    const folder = folders.find(candidate => existsSync(join(candidate, name)));
    if (folder !== undefined) return join(folder, name);
  }
  return undefined;
}
