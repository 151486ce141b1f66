import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, programWords, withPythonPath } from './engine';
import { countOpenStreams } from './openStreams';

const partName = /^samples-(\d+)-[0-9a-f]+\.chunks$/;

/**
 * The in-process sampler, injected through `PYTHONPATH` (`src/collectors/FORMAT.md`, «Environment of the target»).
 * It looks for the `stop` file ten times a second, in every process of the run.
 */
export const bundledSampler: Engine = {
  name: 'bundled-sampler',
  version: '1',
  commandLine: target => [...target.interpreter, ...programWords(target)],
  environment(target, inherited) {
    const injectDir = join(target.collectorsDir, 'inject');
    return {
      ...withPythonPath(inherited, injectDir),
      PYROLENS_RUN_DIR: target.runDir,
      PYROLENS_RATE_HZ: String(target.rateHz),
      PYROLENS_INJECT_DIR: injectDir,
    };
  },
  hasBegun: async runDir => (await readdir(runDir)).some(name => partName.test(name)),
  async requestStop({ runDir }) {
    await writeFile(join(runDir, 'stop'), '');
    return true;
  },
  countRecording: ({ runDir }) => countOpenStreams(runDir, partName),
  isPart: fileName => partName.test(fileName),
  remoteScript: (target, launcherPid) => `def _pyrolens(collectors, run_dir, rate_hz, launcher_pid):
    import sys

    sys.path.insert(0, collectors)
    try:
        from pyrolens_collect import attach
    finally:
        sys.path.remove(collectors)
    attach.begin(run_dir, rate_hz, launcher_pid)


_pyrolens(
    ${pythonText(target.collectorsDir)},
    ${pythonText(target.runDir)},
    ${target.rateHz},
    ${launcherPid},
)
`,
};

/** JSON's texts are Python's too, but for the pairs of surrogates, which need not be escaped. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}
