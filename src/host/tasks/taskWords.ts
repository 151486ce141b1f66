/** A task's definition as words of our command line. Pure: variables stay as they are, the editor replaces them. */

import { programWords } from '../../recorder/engines/index';
import { isWrong, readConfiguration, type WrongSetting } from '../debug/configuration';

/** What a task of ours says in `tasks.json`: the words of a launch configuration that make sense for a command. */
export const taskSettings = [
  ...[
    'program',
    'module',
    'code',
    'args',
    'python',
    'pythonArgs',
    'cwd',
    'env',
    'engine',
    'engineArgs',
    'rate',
  ],
] as const;

/** What the command line needs besides. */
export interface TaskFacts {
  /** Command of the selected interpreter; undefined: the command line looks for one. */
  readonly python: readonly string[] | undefined;
  /** Folder that gets the run's own. */
  readonly runsDir: string;
}

/** The words behind our command line's program, and the variables to set. */
export function taskCommand(
  definition: Readonly<Record<string, unknown>>,
  facts: TaskFacts,
): { readonly words: string[]; readonly env: Readonly<Record<string, string>> } | WrongSetting {
  // The program is found from the task's own working folder, like anything that is typed there.
  const read = readConfiguration({ ...definition, cwd: undefined }, undefined);
  if (isWrong(read)) return read;
  if (read.python === 'shebang') return { setting: 'python', expected: 'texts' };
  const [python, ...pythonWords] = read.python ?? facts.python ?? [];
  const words = [
    ...['record', '--runs', facts.runsDir],
    ...(read.engine === undefined ? [] : ['--engine', read.engine]),
    ...(read.options.words ?? []).flatMap(word => ['--engine-arg', word]),
    ...(read.rateHz === undefined ? [] : ['--rate', String(read.rateHz)]),
    ...(python === undefined ? [] : ['--python', python]),
    ...[...pythonWords, ...read.pythonArgs].flatMap(word => ['--python-arg', word]),
    ...(read.entry.kind === 'script' ? ['--'] : []),
    ...programWords(read),
  ];
  const set = Object.entries(read.env).filter((entry): entry is [string, string] => entry[1] !== null);
  return { words, env: Object.fromEntries(set) };
}
