/**
 * `npm run accuracy -- gaps --json`: runs the programs of `gaps/programs`, which write down their own gaps, under a
 * recorder, and compares what the server says of each recording with that truth, by time. Then it makes what some of
 * them are to blame for longer, and sees whether what is reported grows by as much.
 *
 * Options: `--json`, `--pythons 3.9,3.13` (default: each supported minor version that is found), `--programs`,
 * `--evidence hooks` (`gaps/evidence.mjs` has the others), `--slopes 3.13` (on which of the Pythons; `none`),
 * `--runs 1`, `--seed 1` (durations; a new one each time by default), `--write-docs` (`docs/accuracy.md`),
 * `--keep FOLDER` (the run folders stay there).
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { findInterpreters } from '../helpers/interpreters.mjs';
import { writeAccuracyPage } from './gaps/accuracyPage.mjs';
import { Confusion } from './gaps/confusion.mjs';
import { evidenceSets, skipReason } from './gaps/evidence.mjs';
import { figuresOf, printed } from './gaps/gapFigures.mjs';
import { slopeFigures } from './gaps/slopes.mjs';
import { checkout, conclude, newRunFolder, option } from './truthRuns.mjs';

const defaultPythons = ['3.9', '3.11', '3.13', '3.14', '3.15'];
const programs = join(checkout, 'test', 'accuracy', 'gaps', 'programs');
/** Programs in which nothing is wrong: whoever is blamed there is innocent. */
const controls = [
  ...['hashing_in_thread', 'slow_server', 'stopped_process', 'idle_loop', 'computing_alone'],
  ...['woken_loop', 'idle_workers'],
];
const listedNs = 5e6;

async function main() {
  const interpreters = await chosenInterpreters();
  const evidence = chosenEvidence();
  const reader = await buildReader();
  const folder = option('--keep') ?? (await mkdtemp(join(tmpdir(), 'pyrolens-gaps-')));
  await mkdir(folder, { recursive: true });
  await evidence.prepare?.();
  const record = recorderIn(folder, evidence, reader);
  const results = [];
  try {
    for (const interpreter of interpreters) results.push(await resultOf(interpreter, record));
    for (const result of results) {
      if (hasSlopes(result.interpreter)) result.slopes = await slopeFigures(result.interpreter, record);
    }
  } finally {
    if (option('--keep') === undefined) await rm(folder, { recursive: true, force: true });
  }
  for (const result of results) console.log(printed(result));
  if (process.argv.includes('--write-docs')) await writeAccuracyPage(results, evidence.words);
  conclude('gaps', results.flatMap(figuresOf));
}

function chosenEvidence() {
  const name = option('--evidence') ?? 'hooks';
  const evidence = evidenceSets[name];
  if (!evidence) throw new Error(`--evidence ${name}: choose one of ${Object.keys(evidenceSets).join(', ')}`);
  return evidence;
}

function hasSlopes({ version }) {
  const asked = option('--slopes') ?? '3.13';
  return asked.split(',').some(minor => `${version}.`.startsWith(`${minor}.`));
}

async function resultOf(interpreter, record) {
  const python = interpreter.version;
  const result = { interpreter, python, confusion: new Confusion(), culprits: [], failed: [], slopes: [] };
  const names = option('--programs')?.split(',') ?? (await allPrograms());
  for (const name of names) {
    for (let attempt = 1; attempt <= Number(option('--runs') ?? 1); attempt++) {
      await addRun(result, { interpreter, name, attempt, record });
    }
  }
  return result;
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

async function addRun(result, { interpreter, name, attempt, record }) {
  const id = `${name} on ${interpreter.version}`;
  try {
    const { truthRows, gaps } = await record(interpreter, name, { id: `${id} ${attempt}` });
    const ofRun = new Confusion();
    ofRun.add(truthRows, gaps);
    result.confusion.add(truthRows, gaps);
    if (controls.includes(name)) result.culprits.push(...culpritsOf(name, gaps, truthRows));
    console.log(`${id.padEnd(36)} ${sentence(ofRun)}`);
  } catch (error) {
    const reason = skipReason(error);
    if (reason === undefined) result.failed.push(name);
    console.log(
      `${id.padEnd(36)} ${reason === undefined ? `failed: ${error.message}` : `skipped: ${reason}`}`,
    );
  }
}

/** Runs a program once with this evidence, `extraMs` longer where it says, and reads truth and gaps. */
function recorderIn(folder, evidence, reader) {
  return async (interpreter, name, { id, seed = chosenSeed(), extraMs = 0 }) => {
    const runFolder = await newRunFolder(folder, id);
    const truthFile = resolve(runFolder, 'truth.jsonl');
    const words = [join(programs, `${name}.py`), truthFile, seed];
    const environment = { TRUTH_EXTRA_MS: String(extraMs) };
    await evidence.record(interpreter, { words, runFolder, environment });
    const lines = (await readFile(truthFile, 'utf8')).split('\n').filter(line => line !== '');
    const truthRows = lines.map(line => JSON.parse(line));
    const { gaps } = await reader.readGaps(join(runFolder, 'run.pyrolens'), [programs]);
    return { truthRows, gaps };
  };
}

function chosenSeed() {
  return option('--seed') ?? String(Math.floor(Math.random() * 1e9));
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
