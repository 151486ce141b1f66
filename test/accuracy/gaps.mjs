/**
 * `npm run accuracy -- gaps --json`: runs the programs of `gaps/programs`, which write down their own gaps, under the
 * bundled sampler or, with `--engine observer`, the observer and its hooks, and compares what the server says of each
 * recording with that truth, by time.
 *
 * Options: `--json`, `--pythons 3.9,3.13` (default: each supported minor version that is found), `--programs`,
 * `--runs 1`, `--seed 1` (durations; a new one each time by default), `--write-docs` (`docs/accuracy.md`),
 * `--keep FOLDER` (the run folders stay there).
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { findInterpreters } from '../helpers/interpreters.mjs';
import { runObserved } from '../helpers/observedProgram.mjs';
import { writeAccuracyPage } from './gaps/accuracyPage.mjs';
import { Confusion } from './gaps/confusion.mjs';
import { figuresOf, printed } from './gaps/gapFigures.mjs';
import {
  buildBundles,
  checkout,
  collectors,
  conclude,
  newRunFolder,
  option,
  runProgram,
  writeManifest,
} from './truthRuns.mjs';

const defaultPythons = ['3.9', '3.11', '3.13', '3.14', '3.15'];
const engine = option('--engine') ?? 'bundled-sampler';
const observed = { bundle: join(checkout, 'dist', 'observer.js'), rateHz: '1000' };
const programs = join(checkout, 'test', 'accuracy', 'gaps', 'programs');
/** Programs in which nothing is wrong: whoever is blamed there is innocent. */
const controls = ['hashing_in_thread', 'slow_server', 'stopped_process', 'idle_loop', 'computing_alone'];
const listedNs = 5e6;

async function main() {
  if (engine === 'observer') await buildBundles();
  const interpreters = await chosenInterpreters();
  const names = option('--programs')?.split(',') ?? (await allPrograms());
  const runCount = Number(option('--runs') ?? 1);
  const reader = await buildReader();
  const folder = option('--keep') ?? (await mkdtemp(join(tmpdir(), 'pyrolens-gaps-')));
  await mkdir(folder, { recursive: true });
  const results = [];
  try {
    for (const interpreter of interpreters) {
      const result = { python: interpreter.version, confusion: new Confusion(), culprits: [], failed: [] };
      results.push(result);
      for (const name of names) {
        for (let attempt = 1; attempt <= runCount; attempt++) {
          await addRun(result, { interpreter, name, attempt, folder, reader });
        }
      }
    }
  } finally {
    if (option('--keep') === undefined) await rm(folder, { recursive: true, force: true });
  }
  for (const result of results) console.log(printed(result));
  if (process.argv.includes('--write-docs')) await writeAccuracyPage(results);
  conclude('gaps', results.flatMap(figuresOf));
}

/** One of each asked minor version: the first that is found. */
async function chosenInterpreters() {
  const asked = option('--pythons')?.split(',') ?? defaultPythons;
  const found = await findInterpreters();
  return asked.flatMap(version => found.find(one => `${one.version}.`.startsWith(`${version}.`)) ?? []);
}

async function allPrograms() {
  const files = await readdir(programs);
  return files
    .filter(file => file.endsWith('.py') && file !== 'truth_rows.py')
    .map(file => basename(file, '.py'))
    .sort();
}

/** The server's own code as a module. */
async function buildReader() {
  const outfile = join(checkout, 'out', 'accuracy', 'readGaps.mjs');
  await build({
    entryPoints: [join(checkout, 'test', 'accuracy', 'gaps', 'readGaps.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

async function addRun(result, { interpreter, name, attempt, folder, reader }) {
  const id = `${name} on ${interpreter.version}`;
  try {
    const runFolder = await newRunFolder(folder, `${id} ${attempt}`);
    const truthRows = await recordedRun(interpreter, name, runFolder);
    const { gaps } = await reader.readGaps(join(runFolder, 'run.pyrolens'), [programs]);
    const ofRun = new Confusion();
    ofRun.add(truthRows, gaps);
    result.confusion.add(truthRows, gaps);
    if (controls.includes(name)) result.culprits.push(...culpritsOf(name, gaps, truthRows));
    console.log(`${id.padEnd(36)} ${sentence(ofRun)}`);
  } catch (error) {
    result.failed.push(name);
    console.log(`${id.padEnd(36)} failed: ${error.message}`);
  }
}

async function recordedRun(interpreter, name, runFolder) {
  const script = join(programs, `${name}.py`);
  const truthFile = resolve(runFolder, 'truth.jsonl');
  const seed = option('--seed') ?? String(Math.floor(Math.random() * 1e9));
  await record(interpreter, [script, truthFile, seed], resolve(runFolder));
  await writeManifest(runFolder, engine, script, interpreter);
  const lines = (await readFile(truthFile, 'utf8')).split('\n').filter(line => line !== '');
  return lines.map(line => JSON.parse(line));
}

async function record(interpreter, words, runDir) {
  const environment = { PYTHONDONTWRITEBYTECODE: '1' };
  if (engine === 'observer') {
    await runObserved(interpreter, words, runDir, { ...observed, environment });
    return;
  }
  const inject = join(collectors, 'inject');
  const sampler = { PYROLENS_RUN_DIR: runDir, PYROLENS_INJECT_DIR: inject, PYTHONPATH: inject };
  await runProgram(interpreter, words, { ...sampler, ...environment });
}

/** Blamed gaps. A long collection that the program noted itself did happen, there too. */
function culpritsOf(name, gaps, truthRows) {
  const isNoted = gap =>
    gap.classId.includes('run.gc') &&
    truthRows.some(row => row.class.includes('run.gc') && row.startNs < gap.endNs && row.endNs > gap.startNs);
  return gaps
    .filter(({ role, startNs, endNs }) => role === 'culprit' && endNs - startNs >= listedNs)
    .filter(gap => !isNoted(gap))
    .map(({ classId, victim, startNs, endNs }) => ({
      name,
      classId,
      line: victim?.line ?? 0,
      ns: endNs - startNs,
    }));
}

/** Each true class with what was reported meanwhile, most time first. */
function sentence({ matrix }) {
  return [...matrix]
    .map(([id, row]) => {
      const total = [...row.values()].reduce((sum, ns) => sum + ns, 0);
      const parts = [...row].sort((a, b) => b[1] - a[1]).slice(0, 4);
      return `${id} → ${parts.map(([said, ns]) => `${said} ${Math.round((ns / total) * 100)}%`).join(', ')}`;
    })
    .join('; ');
}

await main();
