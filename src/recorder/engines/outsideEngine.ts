import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineName, engineFacts } from '../../shared/engines';
import { isProcessAlive, signalGroup } from '../processAlive';
import { gateEnvironment } from '../startGate';
import { type Engine, type OutsideSampler, programWords, withPythonPath } from './engine';

/**
 * An engine whose tool looks at the program from outside. The program is started as it is, by us, because tools that
 * start it themselves lose its exit code or kill it; it waits at the gate until the tool looks.
 * `partName` is the file of the run folder that the tool writes.
 */
export function outsideEngine(engine: {
  readonly name: EngineName;
  readonly partName: RegExp;
  readonly sampler: Omit<OutsideSampler, 'label'>;
}): Engine {
  return {
    name: engine.name,
    version: '',
    commandLine: target => [...target.interpreter, ...programWords(target)],
    environment(target, inherited) {
      const environment = withPythonPath(inherited, join(target.collectorsDir, 'inject'));
      return { ...environment, ...gateEnvironment(target.runDir) };
    },
    hasBegun: async runDir => existsSync(join(runDir, samplerBeganFile)),
    async requestStop({ samplerPid }) {
      // On Windows a signal would end the tool before it has written anything.
      if (samplerPid === undefined || process.platform === 'win32') return false;
      signalGroup(samplerPid, engine.sampler.stopSignal);
      return true;
    },
    countRecording: async ({ samplerPid }) =>
      samplerPid !== undefined && isProcessAlive(samplerPid) ? 1 : 0,
    isPart: fileName => engine.partName.test(fileName),
    sampler: { ...engine.sampler, label: engineFacts(engine.name).label },
  };
}

/** Written by the launcher when the tool looks at the program. */
export const samplerBeganFile = 'sampler.began';
