/**
 * The sets of evidence that a program can be recorded with: what the collectors may know decides what may be said of its
 * gaps, and how certainly.
 */
import { join, resolve } from 'node:path';
import { startAtGate, startObserver } from '../../helpers/observedProgram.mjs';
import { buildBundles, checkout, collectors, runProgram, writeManifest } from '../truthRuns.mjs';

const observerBundle = join(checkout, 'dist', 'observer.js');
const skippedExit = /^exit 77:/;
const inject = join(collectors, 'inject');

/** By their names, as `--evidence` takes them. `words` complete «Measured with …». */
export const evidenceSets = {
  hooks: {
    words: 'the bundled sampler at 100 Hz and its light hooks',
    record: (...run) => recordInside('bundled-sampler', {}, ...run),
  },
  'no-hooks': {
    words: 'the bundled sampler at 100 Hz alone, without its light hooks',
    record: (...run) => recordInside('bundled-sampler', { PYROLENS_HOOKS: '0' }, ...run),
  },
  observer: {
    words: 'the observer at 1000 Hz, which looks from outside',
    prepare: buildBundles,
    record: observe,
  },
  tracer: {
    words: 'the bundled tracer, which notes calls and looks at no thread',
    record: (...run) => recordInside('tracer', { PYROLENS_TRACE: 'adaptive' }, ...run),
  },
};

/** What a program that cannot show here what it is for has printed; undefined for any other failure. */
export function skipReason({ message, output }) {
  return skippedExit.test(message) ? (output ?? '').trim() || 'no reason given' : undefined;
}

async function recordInside(engine, variables, interpreter, { words, runFolder, environment }) {
  await runProgram(interpreter, words, {
    PYROLENS_RUN_DIR: resolve(runFolder),
    PYROLENS_INJECT_DIR: inject,
    PYTHONPATH: inject,
    PYTHONDONTWRITEBYTECODE: '1',
    ...variables,
    ...environment,
  });
  await writeManifest(runFolder, engine, words[0], interpreter);
}

async function observe(interpreter, { words, runFolder, environment }) {
  const folder = resolve(runFolder);
  const program = await startAtGate(interpreter, words, folder, environment);
  const observer = await startObserver(observerBundle, program.pid, folder, ['--rate', '1000', '--children']);
  program.letGo();
  const { code } = await program.ended;
  await observer.ended;
  if (code !== 0) {
    const output = program.output();
    throw Object.assign(new Error(`exit ${code}: ${output.slice(-500)}`), { output });
  }
  await writeManifest(runFolder, 'observer', words[0], interpreter);
}
