/**
 * Installs the real workbench (code-server and the Node it needs) into the user's cache folder, once
 * per set of pinned versions (`test/e2e/package.json`). The checkout stays clean; a second call takes no time.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDebianPackage, findOnPath, SetupError } from './debianPackages.mjs';

const pinsPath = findUpwards(fileURLToPath(import.meta.url), join('test', 'e2e', 'package.json'));
/** The checkout's folder. */
export const repositoryRoot = join(pinsPath, '..', '..', '..');
const pins = JSON.parse(readFileSync(pinsPath, 'utf8'));

/** Everything that Pyrolens' own tests keep outside the checkout lives below this folder. */
export const cacheRoot = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pyrolens');

/** Paths inside the installed workbench: `node` runs `codeServer`. */
export const workbench = describe(join(cacheRoot, `workbench-${keyOf(pins)}`));

/**
 * Makes sure that the workbench is there. `report` gets a line per step. Throws a `SetupError` whose message is
 * what to do when the machine lacks something.
 */
export async function installWorkbench(report) {
  if (existsSync(workbench.completeMark)) return workbench;
  requirePlatform();
  ensureKerberosHeaders(report);
  report(`Installing the workbench (code-server ${pins.dependencies['code-server']}): once, 2 to 5 minutes.`);
  const partial = describe(`${workbench.folder}.partial-${process.pid}`);
  rmSync(partial.folder, { recursive: true, force: true });
  mkdirSync(partial.folder, { recursive: true });
  await installInto(partial, report);
  publish(partial);
  return workbench;
}

async function installInto(target, report) {
  const log = join(cacheRoot, 'workbench-install.log');
  rmSync(log, { force: true });
  const manifest = join(target.folder, 'package.json');
  writeFileSync(manifest, JSON.stringify({ name: 'workbench-node', private: true }));
  const node = `${nodePackage}@${pins.optionalDependencies[nodePackage]}`;
  await npm(target, ['install', node], log);
  copyFileSync(pinsPath, manifest);
  report(`  Node ${pins.optionalDependencies[nodePackage]} is there; now code-server (log: ${log})`);
  await npm(target, ['install', '--no-package-lock'], log);
  writeFileSync(target.completeMark, `${new Date().toISOString()}\n`);
}

/** The folder gets its final name only when complete, so a killed install is never mistaken for a good one. */
function publish(partial) {
  if (existsSync(workbench.completeMark)) {
    rmSync(partial.folder, { recursive: true, force: true });
    return;
  }
  rmSync(workbench.folder, { recursive: true, force: true });
  renameSync(partial.folder, workbench.folder);
}

/** code-server compiles native modules: its own Node must come first, and that Node's headers must be used. */
function npm(target, args, log) {
  const bin = join(target.folder, 'node_modules', nodePackage, 'bin');
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    npm_config_nodedir: join(target.folder, 'node_modules', nodePackage),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  };
  // «npm test» hands down which Node runs it, and code-server's installer believes that instead of looking.
  delete env['npm_config_user_agent'];
  const output = openSync(log, 'a');
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd: target.folder, env, stdio: ['ignore', output, output] });
    child.on('error', reject);
    child.on('close', code =>
      code === 0 ? resolve() : reject(new SetupError(`npm ${args[0]} of the workbench failed: see ${log}`)),
    );
  });
}

const nodePackage = `node-${process.platform}-${process.arch}`;

function describe(folder) {
  const modules = join(folder, 'node_modules');
  return {
    folder,
    completeMark: join(folder, '.complete'),
    node: join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node'),
    codeServer: join(modules, 'code-server', 'out', 'node', 'entry.js'),
  };
}

function keyOf(value) {
  const versions = { ...value.dependencies, ...value.optionalDependencies };
  return createHash('sha256').update(JSON.stringify(versions)).digest('hex').slice(0, 12);
}

function requirePlatform() {
  if (pins.optionalDependencies[nodePackage] !== undefined) return;
  throw new SetupError(
    `The headless workbench runs on Linux (x64, arm64), not on ${process.platform}-${process.arch}. ` +
      'Install VS Code so that the command «code» is on PATH, then start again.',
  );
}

function ensureKerberosHeaders(report) {
  ensureDebianPackage('libkrb5-dev', () => existsSync('/usr/include/gssapi/gssapi.h'), report);
}

/** Chromium is needed by the end-to-end tests only. Returns the path of its executable. */
export function ensureChromium(report) {
  const found = () => findOnPath(['chromium', 'chromium-browser', 'google-chrome']);
  ensureDebianPackage('chromium', () => found() !== undefined, report);
  return found();
}

/** The tests bundle this module into `out`, so its own place says little: look in every folder above it. */
function findUpwards(from, path) {
  for (let folder = dirname(from); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
  }
  throw new Error(`${path} is missing above ${from}`);
}
