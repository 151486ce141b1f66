/**
 * `npm run accuracy -- engines --json`: runs the truth programs on every interpreter under every engine, compares the
 * shares that the recordings give to marked lines with those that the programs measured themselves, and counts calls
 * where the engine counts them.
 *
 * Options: `--json` (one object as last line), `--only 3.12` (interpreters whose version starts so),
 * `--engines py-spy,austin`, `--programs threads,waiting`, `--runs 3` (the median over so many runs counts),
 * `--write-readme` (keeps what was measured and writes the README's tables).
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findInterpreters } from '../helpers/interpreters.mjs';
import { engineTable } from './engineTable.mjs';
import { knownCounts } from './knownCounts.mjs';
import { keepMeasured, writeReadme } from './readmeTable.mjs';
import { compare, failedFigure, goalPoints, pointsFigure } from './shares.mjs';
import { toolFigures } from './toolFigures.mjs';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const checkout = resolve(here, '../..');
const collectors = join(checkout, 'src', 'collectors');
const programs = join(here, 'programs');
const runCount = Number(option('--runs') ?? 3);
const cli = join(checkout, 'dist', 'cli.js');
const notTruthPrograms = ['truth.py', 'known_calls.py', 'known_bytes.py'];

/**
 * What the product says of a run folder: the CLI's report, which is the server's parser and analysis.
 * @param {string} runFolder
 */
async function readReport(runFolder) {
  const { stdout } = await run(process.execPath, [cli, 'report', runFolder, '--json'], {
    maxBuffer: 1 << 28,
  });
  return JSON.parse(stdout);
}

/** A run folder as the launcher makes it, for programs that are started inside another root. */
async function writeManifest(runFolder, engine, script, interpreter) {
  const manifest = {
    version: 1,
    id: basename(runFolder),
    name: basename(script),
    engine,
    engineVersion: '',
    rateHzAsked: 100,
    command: [script],
    script,
    cwd: programs,
    interpreter: { path: interpreter.command.join(' '), version: interpreter.version },
    startedAtMs: Date.now(),
    state: 'ended',
  };
  await writeFile(join(runFolder, 'run.pyrolens'), JSON.stringify(manifest));
}

async function main() {
  const only = option('--only') ?? '';
  const interpreters = (await findInterpreters()).filter(({ version }) => version.startsWith(only));
  const names = option('--programs')?.split(',');
  const engines = await chosenEngines();
  const figures = [];
  await run(process.execPath, [join(checkout, 'esbuild.mjs')], { cwd: checkout });
  const folder = await mkdtemp(join(tmpdir(), 'pyrolens-accuracy-'));
  try {
    for (const interpreter of interpreters) {
      for (const facts of engines) {
        figures.push(...(await engineFigures({ facts, interpreter, folder, runCount, names })));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const failed = figures.filter(figure => !figure.ok);
  console.log(`${figures.length - failed.length} of ${figures.length} figures reach their goal`);
  if (process.argv.includes('--write-readme')) {
    keepMeasured(figures);
    writeReadme(engineTable);
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify({ name: 'engines', figures }));
  process.exitCode = failed.length > 0 || interpreters.length === 0 ? 1 : 0;
}

async function chosenEngines() {
  const asked = option('--engines')?.split(',');
  const unknown = asked?.filter(name => engineTable.every(facts => facts.name !== name)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no engine ${unknown.join(', ')}`);
  return engineTable.filter(({ name }) => asked?.includes(name) ?? true);
}

async function engineFigures(asked) {
  const { facts, interpreter, folder, names } = asked;
  const of = { engine: facts.name, python: interpreter.version };
  if (facts.name === 'cprofile') return [{ ...(await callCountFigure(interpreter, folder)), ...of }];
  if (facts.name !== 'bundled-sampler') return toolFigures(asked);
  const figures = [];
  for (const name of names ?? (await truthPrograms())) {
    figures.push({ ...(await samplerFigure(interpreter, name, folder)), ...of });
  }
  return figures;
}

async function samplerFigure(interpreter, name, folder) {
  const id = `${name} on ${interpreter.version}`;
  try {
    const runs = [];
    for (let run = 1; run <= runCount; run++) {
      runs.push(await sampledRun(interpreter, name, await newRunFolder(folder, `${id} ${run}`)));
    }
    return pointsFigure(id, runs);
  } catch (error) {
    return failedFigure(id, 'points', goalPoints, error);
  }
}

async function sampledRun(interpreter, name, runFolder) {
  const script = join(programs, `${name}.py`);
  const stdout = await runProgram(interpreter, [script], {
    PYROLENS_RUN_DIR: runFolder,
    PYROLENS_INJECT_DIR: join(collectors, 'inject'),
    PYTHONPATH: join(collectors, 'inject'),
  });
  await writeManifest(runFolder, 'bundled-sampler', script, interpreter);
  return compare(JSON.parse(stdout.trim().split('\n').at(-1)), await readReport(runFolder));
}

/**
 * Call counts of a program of known numbers, and every number of the product's function table against what
 * `pstats` reads from the same file. Value: how many functions differ.
 */
async function callCountFigure(interpreter, folder) {
  const id = `cprofile equals pstats on ${interpreter.version}`;
  try {
    const runFolder = await newRunFolder(folder, id);
    const script = join(programs, 'known_calls.py');
    await runProgram(interpreter, [join(collectors, 'count_calls.py'), script], {
      PYROLENS_RUN_DIR: runFolder,
    });
    await writeManifest(runFolder, 'cprofile', script, interpreter);
    const stats = await readPstats(interpreter, runFolder);
    const report = await readReport(runFolder);
    const wrong = [...wrongCounts(stats), ...wrongTotals(stats, report.functions)];
    console.log(`${id.padEnd(34)} ${wrong.length === 0 ? 'exact' : wrong.join(', ')}`);
    return { id, value: wrong.length, unit: 'functions', goal: 0, ok: wrong.length === 0 };
  } catch (error) {
    return failedFigure(id, 'functions', 0, error);
  }
}

async function readPstats(interpreter, runFolder) {
  const file = (await readdir(runFolder)).find(name => name.endsWith('.pstats'));
  const script =
    'import json, pstats, sys; s = pstats.Stats(sys.argv[1]); ' +
    'print(json.dumps([[*k, *v[:4]] for k, v in s.stats.items()]))';
  const stdout = await runProgram(interpreter, ['-c', script, join(runFolder, file)], {});
  const rows = JSON.parse(stdout);
  return rows.map(([path, line, name, primitiveCount, callCount, self, total]) => {
    return { path, line, name, primitiveCount, callCount, selfNs: self * 1e9, totalNs: total * 1e9 };
  });
}

/** Both ways: a function that the report shows must be in pstats with the same numbers. */
function wrongTotals(stats, functions) {
  if (functions.length === 0) return ['the report has no functions'];
  const wrong = functions.filter(({ name, file, firstLine, callCount, selfNs, totalNs }) => {
    const same = stats.find(entry => entry.name === name && entry.path === file && entry.line === firstLine);
    if (same?.callCount !== callCount) return true;
    return Math.abs(same.selfNs - selfNs) > 1 || Math.abs(same.totalNs - totalNs) > 1;
  });
  return wrong.map(({ name }) => `total of ${name}`);
}

function wrongCounts(stats) {
  const strangers = stats
    .filter(({ path }) => path.startsWith(collectors))
    .map(({ name }) => `launcher ${name}`);
  const wrong = Object.entries(knownCounts).filter(([name, expected]) => {
    const found = stats.find(entry => entry.name === name && basename(entry.path) === 'known_calls.py');
    return found?.primitiveCount !== expected[0] || found.callCount !== expected[1];
  });
  return [...strangers, ...wrong.map(([name]) => name)];
}

async function newRunFolder(folder, id) {
  const runFolder = join(folder, id.replace(/\W+/g, '-'));
  await mkdir(runFolder);
  return runFolder;
}

/** Returns what the program printed; rejects with its stderr when it fails. */
function runProgram(interpreter, arguments_, environment) {
  const [program, ...before] = interpreter.command;
  return new Promise((done, fail) => {
    const child = spawn(program, [...before, ...arguments_], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', data => (stdout += data));
    child.stderr.on('data', data => (stderr += data));
    child.on('error', fail);
    child.on('close', code =>
      code === 0 ? done(stdout) : fail(new Error(`exit ${code}: ${stderr.slice(-500)}`)),
    );
  });
}

async function truthPrograms() {
  const files = (await readdir(programs)).filter(
    file => file.endsWith('.py') && !notTruthPrograms.includes(file),
  );
  return files.map(file => basename(file, '.py')).sort();
}

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

await main();
