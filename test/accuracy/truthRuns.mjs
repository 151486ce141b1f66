/**
 * What the measurements of accuracy share: running truth programs, and comparing what the product says of a recording
 * with what the program measured itself.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { failedFigure, pointsFigure } from './shares.mjs';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
export const checkout = resolve(here, '../..');
export const collectors = join(checkout, 'src', 'collectors');
export const programs = join(here, 'programs');
const cli = join(checkout, 'dist', 'cli.js');
const notTruthPrograms = ['truth.py', 'known_calls.py', 'known_bytes.py'];

/** Makes the bundles that are measured. */
export async function buildBundles() {
  await run(process.execPath, [join(checkout, 'esbuild.mjs')], { cwd: checkout });
}

/**
 * What the product says of a run folder: the CLI's report, which is the server's parser and analysis.
 * @param {string} runFolder
 */
export async function readReport(runFolder) {
  const { stdout } = await run(process.execPath, [cli, 'report', runFolder, '--json'], {
    maxBuffer: 1 << 28,
  });
  return JSON.parse(stdout);
}

/** A run folder as the launcher makes it, for programs that are started inside another root. */
export async function writeManifest(runFolder, engine, script, interpreter) {
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

/**
 * A figure from several runs of a program: the worst line's difference, each line's being the median over the runs.
 * @param {string} id
 * @param {{goalPoints: number, runCount: number}} settings
 * @param {(attempt: number) => Promise<{points: number}[]>} once
 */
export async function lineFigure(id, { goalPoints, runCount }, once) {
  try {
    const runs = [];
    for (let attempt = 1; attempt <= runCount; attempt++) runs.push(await once(attempt));
    return pointsFigure(id, runs, goalPoints);
  } catch (error) {
    return failedFigure(id, 'points', goalPoints, error);
  }
}

/** Prints how many figures reach their goal, with `--json` all of them, and sets the exit code. */
export function conclude(name, figures) {
  const failed = figures.filter(figure => !figure.ok);
  console.log(`${figures.length - failed.length} of ${figures.length} figures reach their goal`);
  if (process.argv.includes('--json')) console.log(JSON.stringify({ name, figures }));
  process.exitCode = failed.length > 0 || figures.length === 0 ? 1 : 0;
}

export async function newRunFolder(folder, id) {
  const runFolder = join(folder, id.replace(/\W+/g, '-'));
  await mkdir(runFolder);
  return runFolder;
}

/** Returns what the program printed; rejects with its stderr when it fails, and what it printed as `output`. */
export function runProgram(interpreter, arguments_, environment) {
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
      code === 0
        ? done(stdout)
        : fail(Object.assign(new Error(`exit ${code}: ${stderr.slice(-500)}`), { output: stdout })),
    );
  });
}

export async function truthPrograms() {
  const files = (await readdir(programs)).filter(
    file => file.endsWith('.py') && !notTruthPrograms.includes(file),
  );
  return files.map(file => basename(file, '.py')).sort();
}

export function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
