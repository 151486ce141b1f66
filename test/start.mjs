/**
 * `npm start`: from a fresh clone to a VS Code with Pyrolens and the sample workspace. Desktop VS Code when `code`
 * and a display are there, else code-server on localhost. Ctrl+C ends it. `--browser` takes code-server anyway,
 * `--port N` chooses its port. Everything it keeps is in `.start/` and the user's cache folder.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildVsix } from './helpers/buildVsix.mjs';
import { findOnPath, SetupError } from './helpers/debianPackages.mjs';
import { installDependencies } from './helpers/dependencies.mjs';
import { findPython } from './helpers/pythons.mjs';
import { installWorkbench } from './helpers/workbenchInstall.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const place = join(root, '.start');
const folders = ['--extensions-dir', join(place, 'extensions'), '--user-data-dir', join(place, 'user-data')];
const isWindows = process.platform === 'win32';
const preferredPort = 8471;
const firstSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
};

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}

async function main() {
  requireNode();
  const args = process.argv.slice(2);
  const python = findPython();
  say(`Node ${process.versions.node}, Python ${python.version}.`);
  installDependencies(say);
  const vsix = buildVsix(say);
  const workspace = prepareWorkspace();
  const code = args.includes('--browser') ? undefined : findDesktop();
  if (code !== undefined) await openDesktop(code, vsix, workspace);
  else await openBrowser(vsix, workspace, optionValue('--port', args));
}

function optionValue(option, args) {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

function say(line) {
  console.log(`▸ ${line}`);
}

function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= 20) return;
  throw new SetupError(
    `This is Node ${process.versions.node}; Pyrolens needs Node 20 or newer (nodejs.org).`,
  );
}

/** The user may edit the copy; later starts add what is missing and overwrite nothing. */
function prepareWorkspace() {
  const workspace = join(place, 'workspace');
  cpSync(join(root, 'media', 'sample', 'workspace'), workspace, {
    recursive: true,
    force: false,
    filter: path => !path.includes('__pycache__'),
  });
  const settings = join(place, 'user-data', 'User', 'settings.json');
  if (!existsSync(settings)) {
    mkdirSync(join(settings, '..'), { recursive: true });
    writeFileSync(settings, JSON.stringify(firstSettings, null, 2));
  }
  return workspace;
}

/** `code` inside a remote window or without a display cannot open a window of its own. */
function findDesktop() {
  if (process.env['VSCODE_IPC_HOOK_CLI'] !== undefined) return undefined;
  const hasDisplay = process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (process.platform === 'linux' && !hasDisplay) return undefined;
  return findOnPath(isWindows ? ['code.cmd'] : ['code']);
}

async function openDesktop(code, vsix, workspace) {
  const quote = isWindows ? word => `"${word}"` : word => word;
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const install = [...folders, ...root, '--install-extension', vsix, '--force'].map(quote);
  const options = { shell: isWindows, encoding: 'utf8' };
  const installed = spawnSync(quote(code), install, options);
  if (installed.status !== 0) {
    throw new SetupError(`VS Code did not take the extension:\n${installed.stdout}${installed.stderr}`);
  }
  say('Opening VS Code with the sample workspace. Close its window or press Ctrl+C here to end.');
  showFirstSteps();
  const open = [...folders, ...root, '--disable-workspace-trust', '--new-window', '--wait', workspace];
  open.push(join(workspace, 'voice_agent.py'));
  await untilEnd(spawn(quote(code), open.map(quote), { stdio: 'inherit', shell: isWindows }));
}

async function openBrowser(vsix, workspace, port) {
  const { node, codeServer } = await installWorkbench(say);
  const config = join(place, 'config.yaml');
  writeFileSync(config, 'auth: none\n');
  const common = [codeServer, ...folders, '--config', config];
  const env = cleanEnvironment();
  const installed = spawnSync(node, [...common, '--install-extension', vsix, '--force'], {
    env,
    encoding: 'utf8',
  });
  if (installed.status !== 0) {
    throw new SetupError(`code-server did not take the extension:\n${installed.stdout}${installed.stderr}`);
  }
  const chosen = port ?? (await freePort());
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
  const args = [
    ...common,
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${chosen}`,
    '--disable-workspace-trust',
  ];
  const child = spawn(node, [...args, ...quiet], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  createInterface({ input: child.stdout }).on('line', line => {
    const found = /HTTP server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (found !== undefined)
      showAddress(`http://localhost:${found}/?folder=${encodeURIComponent(workspace)}`);
  });
  await untilEnd(child, () => process.kill(-child.pid, 'SIGTERM'));
}

/** Variables of an enclosing VS Code or npm would change what runs in the terminals of the new one. */
function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|npm_|NODE_OPTIONS$)/.test(name));
  return Object.fromEntries(kept);
}

/** The same port every time, so that a bookmark stays good; another one when it is taken. */
function freePort() {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(preferredPort, '127.0.0.1', () => probe.close(() => resolve(preferredPort)));
  });
}

function showAddress(address) {
  const bar = '━'.repeat(address.length + 4);
  console.log(`\n  ${bar}\n    Open  ${address}\n  ${bar}\n`);
  showFirstSteps();
  console.log('  Ctrl+C ends it.\n');
}

function showFirstSteps() {
  console.log('  Then open voice_agent.py, press F1 and choose «Pyrolens: Profile Current File».');
}

/** Resolves when the child has ended; Ctrl+C ends the child and is a good end. */
function untilEnd(child, end = () => child.kill()) {
  let isInterrupted = false;
  const interrupt = () => {
    if (isInterrupted) return;
    isInterrupted = true;
    end();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => {
      if (isInterrupted) console.log('\n▸ Ended.');
      else if (code !== 0) reject(new SetupError(`It ended with code ${code}.`));
      resolve(undefined);
    });
  });
}
