/**
 * Figures of the engines that drive a tool, and of the recorders of memory: each records the truth programs by the
 * product's own command line, so that what is measured is what a user gets.
 */
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { austin4Tool, packageTool, pySpyTool } from '../helpers/engineTools.mjs';
import { mountInto } from '../helpers/interpreters.mjs';
import { cacheRoot } from '../helpers/workbenchInstall.mjs';
import { knownCounts } from './knownCounts.mjs';
import { compare, failedFigure, goalPoints, pointsFigure } from './shares.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const samplingPrograms = ['python_loops', 'gil_holding_calls', 'waiting'];
const timeoutMs = 180_000;

/**
 * The figures of one engine on one interpreter.
 * @param {{facts: object, interpreter: object, folder: string, runCount: number, names: string[] | undefined}} asked
 *   `facts` is the engine's row of the table, `names` are the programs if some were chosen
 */
export async function toolFigures(asked) {
  const { facts, interpreter } = asked;
  const reason = unsupported(facts, interpreter);
  const id = `${facts.name} on ${interpreter.version}`;
  const figures =
    reason === undefined ? await recordedFigures(asked, id) : [notSupported(id, reason.text, reason)];
  return figures.map(figure => ({ ...figure, engine: facts.name, python: interpreter.version }));
}

async function recordedFigures({ facts, interpreter, folder, runCount, names }, id) {
  const figures = [];
  try {
    const recorder = await makeRecorder(facts, interpreter, folder);
    for (const name of programsOf(facts, names)) {
      const programId = `${facts.name}: ${name} on ${interpreter.version}`;
      figures.push(await programFigure(programId, { facts, name, recorder, runCount }));
      if (figures.at(-1).notSupported !== undefined) break;
    }
  } catch (error) {
    figures.push(notSupported(id, error.message));
  }
  return figures;
}

function programsOf({ depth }, names) {
  if (depth === 'memory') return ['known_bytes'];
  if (depth === 'trace') return ['known_calls'];
  return names ?? samplingPrograms;
}

/** Why the table says that it cannot be, and whether its column «Python» tells that; or undefined. */
function unsupported({ minPython, maxPython, misreadPythons }, { version }) {
  const minor = Number(version.split('.')[1]);
  if (minor < minPython) return { text: `needs Python 3.${minPython}`, isByTable: true };
  if (maxPython !== undefined && minor > maxPython)
    return { text: `up to Python 3.${maxPython}`, isByTable: true };
  if (misreadPythons.includes(minor)) return { text: 'it misreads code objects, and is refused' };
  return undefined;
}

function notSupported(id, reason, { isByTable } = {}) {
  console.log(`${id.padEnd(34)} not supported: ${reason}`);
  return { id, value: null, unit: 'points', goal: goalPoints, ok: true, notSupported: reason, isByTable };
}

async function programFigure(id, { facts, name, recorder, runCount }) {
  const isCounting = name === 'known_calls';
  try {
    if (isCounting) return countFigure(id, await recorder(name), countsFor(facts.name));
    const runs = [];
    for (let run = 0; run < (facts.depth === 'memory' ? 1 : runCount); run++) {
      const { printed, report } = await recorder(name);
      runs.push(compare(JSON.parse(printed.at(-1)), report));
    }
    return pointsFigure(id, runs);
  } catch (error) {
    if (error instanceof ToolRefused) return notSupported(id, error.message);
    return failedFigure(id, isCounting ? 'functions' : 'points', isCounting ? 0 : goalPoints, error);
  }
}

function countFigure(id, { report }, counts) {
  const wrong = Object.entries(counts).filter(([name, [, calls]]) => {
    const found = report.functions.filter(
      entry => entry.name.split('.').at(-1) === name && /known_calls\.py$/.test(entry.file),
    );
    return found.reduce((sum, { callCount }) => sum + callCount, 0) !== calls;
  });
  const text = wrong.map(([name]) => name).join(', ');
  console.log(`${id.padEnd(34)} ${text || 'exact'}`);
  return { id, value: wrong.length, unit: 'functions', goal: 0, ok: wrong.length === 0 };
}

/** Our tracer tells a generator that goes on from one that is called. */
function countsFor(engine) {
  return engine === 'tracer' ? { ...knownCounts, '<genexpr>': [10, 10] } : knownCounts;
}

/** The tool ran and said that it cannot. */
class ToolRefused extends Error {}

/** A function that records a truth program and returns what it printed and the report. */
async function makeRecorder({ name: engine, depth, minToolVersions }, interpreter, folder) {
  requireTool(engine, minToolVersions, interpreter);
  const data = join(folder, `${engine} ${interpreter.version}`);
  await mkdir(data);
  const python = await script(data, 'python', mountInto(interpreter, [cacheRoot]).command);
  const rate = depth === 'statistical' ? ['--rate', '250'] : [];
  const words = [
    '--engine',
    engine,
    ...(await toolWords(engine, interpreter, data)),
    ...rate,
    '--python',
    python,
  ];
  return async program => {
    const path = join(here, 'programs', `${program}.py`);
    const { stdout, stderr } = await cli(['profile', ...words, '--json', path], data);
    const lines = stdout.trim().split('\n');
    const report = parsed(lines.pop());
    const log = await lastLog(data);
    if (log !== '') console.log(`  ${log.trim()}`);
    const said = /recorded nothing: (.*)\.\n/.exec(log)?.[1];
    if (said !== undefined) throw new ToolRefused(said);
    if (report?.lines === undefined) throw new Error(stderr.trim().slice(-500) || 'there is no report');
    return { printed: lines, report };
  };
}

/** Fails where a newer tool would be needed than can be installed. */
function requireTool(engine, minToolVersions, { version }) {
  const needed = minToolVersions.find(([minor]) => Number(version.split('.')[1]) >= minor)?.[1];
  if (engine === 'austin' && Number(needed) > 4.0)
    throw new Error(`needs ${needed}, and 4.0.0 can be installed`);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function toolWords(engine, interpreter, data) {
  if (engine === 'viztracer' || engine === 'memray') {
    return ['--tool', packageTool(engine, interpreter.version).env.PYTHONPATH];
  }
  if (engine === 'py-spy') return ['--tool', ...pySpyTool().tool];
  if (engine !== 'austin') return [];
  const found = await austin4Tool();
  if (found === undefined) throw new Error('Austin 4 does not run on this machine');
  return ['--tool', await script(data, 'austin', found.tool)];
}

/** A command of several words as one program. */
async function script(folder, name, command) {
  const path = join(folder, name);
  const quoted = command.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  await writeFile(path, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  return path;
}

function cli(words, data) {
  const dist = join(dirname(dirname(here)), 'dist', 'cli.js');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [dist, ...words], {
      env: { ...process.env, XDG_DATA_HOME: data },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', text => (stdout += text));
    child.stderr.on('data', text => (stderr += text));
    child.on('error', fail);
    child.on('close', () => done({ stdout, stderr }));
  });
}

/** What the newest run's log says. */
async function lastLog(data) {
  const runs = join(data, 'pyrolens', 'runs');
  const newest = (await readdir(runs).catch(() => [])).sort().at(-1);
  if (newest === undefined) return '';
  return readFile(join(runs, newest, 'collector.log'), 'utf8').catch(() => '');
}
