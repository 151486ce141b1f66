import { join } from 'node:path';
import { isProcessAlive } from '../processAlive';
import { type Engine, type EngineTarget, programWords } from './engine';

const resultName = 'profile-viztracer.json';

/**
 * VizTracer (1.0) around the program, by its command line, because that is what follows child processes and puts their
 * traces into one file. It saves when the program ends, also by SIGINT and SIGTERM (after which the exit code is 0), and
 * takes up to ten times the program's time for it; SIGKILL and `os._exit` lose everything. Facts: runs of 1.1.1.
 */
export const viztracer: Engine = {
  name: 'viztracer',
  version: '',
  commandLine: target => [
    ...target.interpreter,
    ...['-m', 'viztracer', '--quiet', '--output_file', join(target.runDir, resultName)],
    ...['--log_gc', '--log_async'],
    ...(target.options.children ? [] : ['--ignore_multiprocess']),
    ...(target.options.words ?? []),
    ...tracedWords(target),
  ],
  environment: (_target, inherited) => inherited,
  checkCommand: ({ interpreter }) => [...interpreter, '-c', 'import viztracer'],
  hasBegun: async () => true,
  requestStop: async () => false,
  countRecording: async ({ pid }) => (isProcessAlive(pid) ? 1 : 0),
  isPart: fileName => fileName === resultName,
  savesAtEnd: true,
  saveTimeoutMs: 120_000,
};

/** Its own options end where the program begins. */
function tracedWords(target: EngineTarget): string[] {
  const { entry, args } = target;
  if (entry.kind === 'script') return ['--', ...programWords(target)];
  return [...programWords({ entry, args: [] }), '--', ...args];
}
