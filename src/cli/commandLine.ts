import type { EngineName } from '../shared/engines';
import { type ExportFormat, exportFormatNamed, exportFormats } from '../shared/exportFormats';

/** What the user asked for, read from the arguments. */
export type CliCommand =
  | ({ readonly kind: 'profile' } & ProfileOptions)
  | { readonly kind: 'runs'; readonly isJson: boolean }
  | { readonly kind: 'report'; readonly run: string; readonly isJson: boolean }
  | ({ readonly kind: 'export' } & ExportOptions)
  | { readonly kind: 'help'; readonly problem: string | undefined };

export interface ProfileOptions {
  readonly engine: EngineName;
  readonly rateHz: number;
  /** Interpreter to use; undefined: look for one. */
  readonly python: string | undefined;
  readonly isJson: boolean;
  readonly script: string;
  /** Everything behind the script, untouched. */
  readonly args: readonly string[];
}

export interface ExportOptions {
  readonly run: string;
  readonly format: ExportFormat;
  /** undefined: a file named after the run in the working folder. */
  readonly output: string | undefined;
}

const formatNames = exportFormats.map(format => format.id);

export const usage = `usage: pyrolens profile [--engine sampler|cprofile|observer] [--rate HZ] [--python PATH] [--json] SCRIPT [ARGS…]
       pyrolens runs [--json]
       pyrolens report RUN [--json]     RUN: a name from «runs», or a path; «last» is the newest
       pyrolens export RUN --format FORMAT [--output FILE]
FORMAT is one of:
${exportFormats.map(({ id, detail }) => `  ${id.padEnd(14)}${detail}`).join('\n')}
`;

const engineWords: Readonly<Record<string, EngineName>> = {
  sampler: 'bundled-sampler',
  cprofile: 'cprofile',
  observer: 'observer',
};

/** Reads the arguments behind the program's name. Options end at the script: the rest is the script's own. */
export function readCommandLine(words: readonly string[]): CliCommand {
  const [command, ...rest] = words;
  const isJson = rest.includes('--json');
  if (command === 'profile') return readProfile(rest);
  if (command === 'runs') return { kind: 'runs', isJson };
  if (command === 'report') {
    const run = rest.find(word => word !== '--json');
    return run === undefined ? help('Which run?') : { kind: 'report', run, isJson };
  }
  if (command === 'export') return readExport(rest);
  if (command === undefined || command === 'help' || command === '--help' || command === '-h') return help();
  return help(`There is no command «${command}».`);
}

function readProfile(words: readonly string[]): CliCommand {
  let options = {
    engine: 'bundled-sampler' as EngineName,
    rateHz: undefined as number | undefined,
    python: undefined as string | undefined,
  };
  let isJson = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const value = words[index + 1];
    if (word === '--json') isJson = true;
    else if (word === '--') return profileOf(words.slice(index + 1), options, isJson);
    else if (!word.startsWith('--')) return profileOf(words.slice(index), options, isJson);
    else {
      const changed = readOption(options, word, value);
      if (typeof changed === 'string') return help(changed);
      options = changed;
      index++;
    }
  }
  return help('Which script?');
}

function readExport(words: readonly string[]): CliCommand {
  let [run, format, output]: (string | undefined)[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--format' || word === '--output') {
      index++;
      const value = words[index];
      if (value === undefined) return help(`${word} needs a value.`);
      if (word === '--format') format = value;
      else output = value;
    } else if (word.startsWith('--')) return help(`There is no option ${word}.`);
    else if (run === undefined) run = word;
    else return help(`One run at a time: «${word}» is one too many.`);
  }
  if (run === undefined) return help('Which run?');
  if (format === undefined) return help(`Which format? --format ${formatNames.join('|')}`);
  const known = exportFormatNamed(format);
  if (known === undefined) return help(`There is no format «${format}»: ${formatNames.join(', ')}.`);
  return { kind: 'export', run, format: known, output };
}

type Options = Pick<ProfileOptions, 'engine' | 'python'> & { readonly rateHz: number | undefined };

/** The options with one of them set, or what is wrong with it. */
function readOption(options: Options, word: string, value: string | undefined): Options | string {
  if (value === undefined) return `${word} needs a value.`;
  if (word === '--python') return { ...options, python: value };
  if (word === '--engine') {
    const engine = engineWords[value];
    return engine ? { ...options, engine } : `There is no engine «${value}»: sampler, cprofile or observer.`;
  }
  if (word === '--rate') {
    const rateHz = Number(value);
    return rateHz >= 1 && rateHz <= 1000
      ? { ...options, rateHz }
      : 'The rate is 1 to 1000 samples per second.';
  }
  return `There is no option ${word}.`;
}

function profileOf(words: readonly string[], options: Options, isJson: boolean): CliCommand {
  const [script, ...args] = words;
  if (script === undefined) return help('Which script?');
  const rateHz = options.rateHz ?? (options.engine === 'observer' ? 1000 : 100);
  return { kind: 'profile', ...options, rateHz, isJson, script, args };
}

function help(problem?: string): CliCommand {
  return { kind: 'help', problem };
}
