/**
 * `npm run accuracy -- observer --json`: runs the truth programs on every interpreter under the observer, compares the
 * shares that its recording gives to marked lines with those that the programs measured themselves, and says how many
 * of its looks were torn.
 *
 * Options: as of `engines`; `--rate 1000` (Hz), `--burners 2` (processes per processor that compete with the program).
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInterpreters } from '../helpers/interpreters.mjs';
import { chunkFiles, endingOf, runObserved } from '../helpers/observedProgram.mjs';
import { compare } from './shares.mjs';
import {
  buildBundles,
  checkout,
  conclude,
  lineFigure,
  newRunFolder,
  option,
  programs,
  readReport,
  truthPrograms,
  writeManifest,
} from './truthRuns.mjs';

const goalPoints = 3;
const goalTornPercent = 0.5;
const runCount = Number(option('--runs') ?? 1);
const rateHz = option('--rate') ?? '1000';
const bundle = join(checkout, 'dist', 'observer.js');

async function main() {
  const only = option('--only') ?? '';
  const interpreters = (await findInterpreters()).filter(({ version }) => version.startsWith(only));
  const names = option('--programs')?.split(',') ?? (await truthPrograms());
  const figures = [];
  await buildBundles();
  const folder = await mkdtemp(join(tmpdir(), 'pyrolens-accuracy-'));
  const burners = startBurners(Number(option('--burners') ?? 0) * availableParallelism());
  try {
    for (const interpreter of interpreters) figures.push(...(await figuresOf(interpreter, names, folder)));
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
  conclude('observer', figures);
}

async function figuresOf(interpreter, names, folder) {
  const looks = { sampleCount: 0, tornCount: 0 };
  const figures = [];
  for (const name of names) {
    const id = `${name} on ${interpreter.version}`;
    const once = async attempt =>
      observedRun(interpreter, name, await newRunFolder(folder, `${id} ${attempt}`), looks);
    figures.push(await lineFigure(id, { goalPoints, runCount }, once));
  }
  const value = Math.round((looks.tornCount / Math.max(looks.sampleCount, 1)) * 1e5) / 1e3;
  console.log(`torn looks on ${interpreter.version}: ${looks.tornCount} of ${looks.sampleCount}`);
  const id = `torn looks on ${interpreter.version}`;
  return [...figures, { id, value, unit: '%', goal: goalTornPercent, ok: value <= goalTornPercent }];
}

async function observedRun(interpreter, name, runFolder, looks) {
  const script = join(programs, `${name}.py`);
  const output = await runObserved(interpreter, [script], runFolder, { bundle, rateHz });
  await writeManifest(runFolder, 'observer', script, interpreter);
  addLooks(runFolder, looks);
  return compare(JSON.parse(output.trim().split('\n').at(-1)), await readReport(runFolder));
}

function addLooks(runFolder, looks) {
  for (const file of chunkFiles(runFolder).filter(name => name.startsWith('samples-'))) {
    const ending = endingOf(runFolder, file);
    looks.sampleCount += ending.sampleCount;
    looks.tornCount += ending.tornCount;
  }
}

function startBurners(count) {
  const program = 'while True: pass';
  return Array.from({ length: count }, () => spawn('python3', ['-c', program], { stdio: 'ignore' }));
}

await main();
