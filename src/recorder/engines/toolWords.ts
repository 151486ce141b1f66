/** Words of the user's own on a tool's command line: its other modes and filters. */
import { type EngineName, engineFacts } from '../../shared/engines';
import { PyrolensError } from '../../shared/failures';

/**
 * What Pyrolens itself says to each tool that can be given more: where to look, what to write, and where. Facts:
 * `--help` of py-spy 0.4.3, Austin 3.7 and 4.0, `profiling.sampling` of Python 3.15.0, VizTracer 1.1.1.
 */
const ownOptions: Partial<Readonly<Record<EngineName, readonly string[]>>> = {
  'py-spy': ['-p', '--pid', '-o', '--output', '-f', '--format', '-r', '--rate', '-d', '--duration'],
  austin: ['-p', '--pid', '-o', '--output', '-b', '--binary', '-i', '--interval', '-w', '--where'],
  tachyon: [
    ...['-o', '--output', '-r', '--sampling-rate', '-d', '--duration', '--compression', '--binary'],
    ...['--pstats', '--collapsed', '--flamegraph', '--gecko', '--heatmap', '--jsonl', '--live'],
  ],
  viztracer: ['-o', '--output_file', '--output_dir', '-m', '-c', '--open', '--attach', '--combine', '--'],
};

/** Fails with `engineArgument` when a word says something that Pyrolens says itself; other engines ignore all words. */
export function requireFreeWords(engine: EngineName, words: readonly string[]): void {
  const taken = words.find(word => ownOptions[engine]?.includes(word.replace(/=.*$/s, '')));
  if (taken === undefined) return;
  throw new PyrolensError('engineArgument', { engine: engineFacts(engine).label, word: taken });
}
