/** Programs that the observer looks at: started at the gate, as the launcher does it, on any interpreter. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const inject = resolve('src/collectors/inject');
const endKind = 3;
const pollMs = 5;
const timeoutMs = 20_000;

/**
 * Starts Python so that it waits before the program's first line, and answers when it does.
 * @param {{command: string[]}} interpreter
 * @param {string[]} words
 * @param {string} runDir
 * @param {Record<string, string>} [environment]
 */
export async function startAtGate(interpreter, words, runDir, environment = {}) {
  const [program = '', ...before] = interpreter.command;
  const child = spawn(program, [...before, ...words], {
    env: {
      ...process.env,
      PYROLENS_GATE_DIR: runDir,
      PYROLENS_TRACER_PID: String(process.pid),
      PYTHONPATH: inject,
      ...environment,
    },
  });
  const said = collect(child);
  const pid = await until(() => Number.parseInt(textOf(join(runDir, 'gate.waiting')), 10), said);
  return { child, pid, ...said, letGo: () => writeFileSync(join(runDir, 'gate.open'), '') };
}

/**
 * Starts the observer, and answers when it looks or has ended.
 * @param {string} bundle path of the built observer
 * @param {number} pid
 * @param {string} runDir
 * @param {string[]} [options]
 */
export async function startObserver(bundle, pid, runDir, options = []) {
  const words = [bundle, '--pid', String(pid), '--run-dir', runDir, ...options];
  const child = spawn(process.execPath, words);
  const said = collect(child);
  await until(() => child.exitCode !== null || /Observing/.test(said.output()), said);
  return { child, ...said };
}

/**
 * Runs a program under the observer from its first line to its end, with the light hooks that the launcher gives it
 * unless `PYROLENS_HOOKS` is `0`.
 * Fails when it ends otherwise than with 0; answers what it printed.
 * @param {{command: string[]}} interpreter
 * @param {string[]} words
 * @param {string} runDir
 * @param {{bundle: string, rateHz: string, environment?: Record<string, string>}} options
 */
export async function runObserved(interpreter, words, runDir, { bundle, rateHz, environment = {} }) {
  const hasHooks = environment.PYROLENS_HOOKS !== '0';
  const hooks = hasHooks ? { PYROLENS_RUN_DIR: runDir, PYROLENS_HOOKS: 'only' } : {};
  const program = await startAtGate(interpreter, words, runDir, { ...environment, ...hooks });
  const observer = await startObserver(bundle, program.pid, runDir, ['--rate', rateHz, '--children']);
  program.letGo();
  const { code } = await program.ended;
  await observer.ended;
  const output = program.output();
  if (code !== 0) throw Object.assign(new Error(`exit ${code}: ${output.slice(-500)}`), { output });
  return output;
}

/** The chunk files of a run folder. */
export function chunkFiles(runDir) {
  return existsSync(runDir) ? readdirSync(runDir).filter(name => name.endsWith('.chunks')) : [];
}

/**
 * The content of a stream's end chunk (`src/collectors/FORMAT.md`); undefined while it has none.
 * @param {string} runDir
 * @param {string} name
 */
export function endingOf(runDir, name) {
  const bytes = readFileSync(join(runDir, name));
  for (let at = 16; at + 12 <= bytes.length; at += 12 + bytes.readUInt32LE(at)) {
    if (bytes[at + 4] === endKind) return JSON.parse(bytes.toString('utf8', at + 12));
  }
  return undefined;
}

/** What a process has printed so far, and how it ends. */
function collect(child) {
  let text = '';
  child.stdout.on('data', data => (text += String(data)));
  child.stderr.on('data', data => (text += String(data)));
  const ended = new Promise(done => child.once('close', (code, signal) => done({ code, signal })));
  return { output: () => text, ended };
}

function textOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function until(probe, { output }) {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const answer = probe();
    if (answer) return answer;
    await delay(pollMs);
  }
  throw new Error(`Nothing came in ${timeoutMs / 1000} s; it said: ${output()}`);
}
