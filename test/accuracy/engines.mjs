/**
 * `npm run accuracy -- engines --json`: runs the truth programs on every interpreter under every engine, compares the
 * shares that the recordings give to marked lines with those that the programs measured themselves, and counts calls
 * where the engine counts them.
 *
 * Options: `--json` (one object as last line), `--only 3.12` (interpreters whose version starts so),
 * `--engines py-spy,austin`, `--programs threads,waiting`, `--runs 3` (the median over so many runs counts),
 * `--write-readme` (keeps what was measured and writes the README's tables).
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findInterpreters } from '../helpers/interpreters.mjs';
import { engineTable } from './engineTable.mjs';
import { knownCounts } from './knownCounts.mjs';
import { keepMeasured, writeReadme } from './readmeTable.mjs';
import { compare, failedFigure, goalPoints } from './shares.mjs';
import { toolFigures } from './toolFigures.mjs';
import {
  buildBundles,
  collectors,
  conclude,
  lineFigure,
  newRunFolder,
  option,
  programs,
  readReport,
  runProgram,
  truthPrograms,
  writeManifest,
} from './truthRuns.mjs';

const runCount = Number(option('--runs') ?? 3);

async function main() {
  const only = option('--only') ?? '';
  const interpreters = (await findInterpreters()).filter(({ version }) => version.startsWith(only));
  const names = option('--programs')?.split(',');
  const engines = await chosenEngines();
  const figures = [];
  await buildBundles();
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
  if (process.argv.includes('--write-readme')) {
    keepMeasured(figures);
    writeReadme(engineTable);
  }
  conclude('engines', figures);
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

function samplerFigure(interpreter, name, folder) {
  const id = `${name} on ${interpreter.version}`;
  return lineFigure(id, { goalPoints, runCount }, async attempt =>
    sampledRun(interpreter, name, await newRunFolder(folder, `${id} ${attempt}`)),
  );
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

await main();
