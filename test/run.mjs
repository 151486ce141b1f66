/**
 * `npm test [-- suite … --pictures]`: from a fresh clone, installs what the tests need, runs every suite and ends
 * with «N passed, N failed, N skipped». Suites: typecheck lint unit python server e2e. Each suite's whole output
 * is kept in `out/logs/<suite>.log`. A suite that executes no test has failed.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './helpers/debianPackages.mjs';
import { installDependencies } from './helpers/dependencies.mjs';
import { installPytest } from './helpers/pytestPackage.mjs';
import { runPythonTests } from './helpers/pythonSuite.mjs';
import { findPython } from './helpers/pythons.mjs';
import { installRuff } from './helpers/ruff.mjs';
import { readTap } from './helpers/tapCounts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const logs = join(root, 'out', 'logs');
const python = [
  'src/collectors',
  'test/collectors',
  'test/accuracy',
  'test/fixtures/programs',
  'media/sample/workspace',
];

/** Each suite answers `{ passed, failed, skipped, notes }`; notes are failures' and skips' reasons. */
const suites = {
  typecheck: () => checks('typecheck', [bin('tsc', '-b')]),
  lint: lint,
  unit: () => nodeSuite('unit', []),
  python: pythonSuite,
  server: serverSuite,
  e2e: () => nodeSuite('e2e', flags),
};

const flags = process.argv.slice(2).filter(arg => arg.startsWith('--'));
const asked = process.argv.slice(2).filter(arg => !arg.startsWith('--'));

try {
  await main();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}\n`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}

async function main() {
  const unknown = asked.filter(name => suites[name] === undefined);
  if (unknown.length > 0) {
    throw new SetupError(`Unknown suite ${unknown.join(' ')}: there are ${Object.keys(suites).join(' ')}.`);
  }
  installDependencies(say);
  mkdirSync(logs, { recursive: true });
  const results = [];
  for (const name of asked.length > 0 ? asked : Object.keys(suites)) results.push(await runSuite(name));
  summarise(results);
}

async function runSuite(name) {
  say(`${name} …`);
  const startedAtMs = Date.now();
  const result = await suites[name]();
  if (result.passed + result.failed === 0) {
    result.failed = 1;
    result.notes.push('no test was executed');
  }
  return { name, seconds: (Date.now() - startedAtMs) / 1000, ...result };
}

function summarise(results) {
  console.log('');
  for (const { name, passed, failed, skipped, seconds, notes } of results) {
    const figures = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(`${name.padEnd(10)} ${figures.padEnd(40)} ${seconds.toFixed(1)} s`);
    for (const note of notes) console.log(`             ${note}`);
  }
  const total = key => results.reduce((sum, result) => sum + result[key], 0);
  process.exitCode = total('failed') > 0 ? 1 : 0;
  console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
}

function say(line) {
  console.log(`▸ ${line}`);
}

/** A program of `node_modules`, run by this very Node. */
function bin(name, ...args) {
  const entries = { tsc: 'typescript/bin/tsc', biome: '@biomejs/biome/bin/biome' };
  return [process.execPath, join(root, 'node_modules', entries[name]), ...args];
}

async function lint() {
  const ruff = installRuff(findPython().command, say);
  const folders = python.filter(folder => existsSync(join(root, folder)));
  const config = ['--config', '.ci/ruff.toml'];
  return checks('lint', [
    bin(
      'biome',
      'check',
      '--config-path=.ci',
      '--error-on-warnings',
      'src',
      'webview',
      'test',
      'esbuild.mjs',
    ),
    [ruff, 'check', ...config, ...folders],
    [ruff, 'format', '--check', ...config, ...folders],
  ]);
}

/** Commands of which each counts as one test. */
async function checks(name, commands) {
  const result = { passed: 0, failed: 0, skipped: 0, notes: [] };
  rmSync(join(logs, `${name}.log`), { force: true });
  for (const command of commands) {
    const { code } = await run(name, command);
    if (code === 0) result.passed += 1;
    else {
      result.failed += 1;
      const words = command
        .filter(word => word !== process.execPath)
        .map(word => word.replace(/^\/.*\//, ''));
      result.notes.push(`FAILED ${words.join(' ')}`);
    }
  }
  return result;
}

/** A suite that runs under `node --test` and leaves its TAP in `out/logs/<suite>.tap`. */
async function nodeSuite(name, args) {
  const tap = join(logs, `${name}.tap`);
  rmSync(tap, { force: true });
  rmSync(join(logs, `${name}.log`), { force: true });
  const { code } = await run(name, [process.execPath, join('test', name, 'run.mjs'), ...args]);
  const result = readTap(existsSync(tap) ? readFileSync(tap, 'utf8') : '');
  if (code !== 0 && result.failed === 0) {
    result.failed = 1;
    result.notes.push(`FAILED the runner ended with ${code}: see out/logs/${name}.log`);
  }
  return result;
}

async function serverSuite() {
  const built = await checks('server-build', [[process.execPath, 'esbuild.mjs']]);
  return built.failed > 0 ? built : nodeSuite('server', []);
}

/** The collectors' tests, once on every interpreter found; a version that cannot be had is a skip. */
async function pythonSuite() {
  const result = { passed: 0, failed: 0, skipped: 0, notes: [] };
  rmSync(join(logs, 'python.log'), { force: true });
  const { findInterpreters, mountInto } = await import('./helpers/interpreters.mjs');
  const interpreters = await findInterpreters({ log: say });
  const pytest = installPytest(findPython().command, say);
  for (const minor of [9, 10, 11, 12, 13, 14, 15]) {
    if (interpreters.some(({ version }) => version.startsWith(`3.${minor}.`))) continue;
    result.skipped += 1;
    result.notes.push(`skipped Python 3.${minor}: no interpreter found`);
  }
  const runTests = ({ interpreter }, ids) =>
    collectorTests(
      mountInto(interpreter, pytest ? [pytest] : []),
      { PYROLENS_TEST_PYTEST: pytest ?? '' },
      ids,
    );
  const named = interpreters.map(interpreter => {
    return { name: `Python ${interpreter.version} (${interpreter.kind})`, interpreter };
  });
  addCounts(result, await runPythonTests(named, runTests));
  return result;
}

function addCounts(result, more) {
  for (const key of ['passed', 'failed', 'skipped']) result[key] += more[key];
  result.notes.push(...more.notes);
}

/** On one interpreter they keep one processor busy. What they say comes whole, not mixed with another's. */
function collectorTests({ command }, variables, ids) {
  const tests = [join('test', 'helpers', 'run_unittest.py'), join('test', 'collectors'), ...ids];
  return run('python', [...command, ...tests], { variables, isWhole: true });
}

/** Runs a command with its output on the terminal and in the suite's log: at once, or `isWhole` when it has ended. */
function run(suite, [program, ...args], { variables = {}, isWhole = false } = {}) {
  const log = createWriteStream(join(logs, `${suite}.log`), { flags: 'a' });
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  const heldBack = [];
  const show = (data, stream) => {
    stream.write(data);
    log.write(data);
  };
  const take = (data, stream) => {
    if (isWhole) heldBack.push([data, stream]);
    else show(data, stream);
    tail = (tail + String(data)).slice(-100_000);
  };
  child.stdout.on('data', data => take(data, process.stdout));
  child.stderr.on('data', data => take(data, process.stderr));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => {
      for (const [data, stream] of heldBack) show(data, stream);
      log.end();
      resolve({ code, lastLine: tail.trimEnd().split('\n').at(-1) ?? '' });
    });
  });
}
