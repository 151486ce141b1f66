/** Finds a Python that can run the project's tools. */
import { spawnSync } from 'node:child_process';
import { SetupError } from './debianPackages.mjs';

const candidates = [['python3'], ['python'], ['py', '-3']];

/** The first Python ≥ 3.9 on PATH as `{ command, version }`, `command` being words to spawn. */
export function findPython() {
  const seen = [];
  for (const command of candidates) {
    const version = versionOf(command);
    if (version === undefined) continue;
    seen.push(`${command.join(' ')} is ${version}`);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > 3 || (major === 3 && minor >= 9)) return { command, version };
  }
  const found = seen.length > 0 ? ` (${seen.join(', ')})` : '';
  throw new SetupError(
    `Pyrolens profiles Python programs and needs Python 3.9 or newer on PATH; there is none${found}.\n` +
      'Install one from your system or python.org, then start again.',
  );
}

function versionOf(command) {
  const [program = '', ...args] = command;
  const script = 'import platform; print(platform.python_version())';
  const result = spawnSync(program, [...args, '-c', script], { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : undefined;
}
