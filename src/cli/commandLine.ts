import { attachEngines } from '../recorder/attach/attachEngine';
import type { EngineOptions } from '../recorder/engines/engine';
import type { Entry } from '../recorder/engines/index';
import { type AskedEngine, askedEngines, type EngineName, engineNames } from '../shared/engines';
import { type ExportFormat, exportFormatNamed, exportFormats } from '../shared/exportFormats';
import { readWrittenProgram } from './writtenProgram';

/** What the user asked for, read from the arguments. */
export type CliCommand =
  | ({ readonly kind: 'profile' } & ProfileOptions)
  | ({ readonly kind: 'attach' } & AttachOptions)
  | { readonly kind: 'processes'; readonly isJson: boolean; readonly isAll: boolean }
  | { readonly kind: 'keep'; readonly run: string | undefined; readonly isJson: boolean }
  | { readonly kind: 'runs'; readonly isJson: boolean }
  | { readonly kind: 'report'; readonly run: string; readonly isJson: boolean }
  | ({ readonly kind: 'export' } & ExportOptions)
  | ({ readonly kind: 'doctor'; readonly isJson: boolean } & InterpreterOptions)
  | ({ readonly kind: 'install'; readonly engine: EngineName } & InterpreterOptions)
  | { readonly kind: 'help'; readonly problem: string | undefined };

/** What a recording is asked to be, as the words of the command line say it. */
export interface ProfileOptions {
  readonly engine: AskedEngine;
  /** undefined: the engine’s own. */
  readonly rateHz: number | undefined;
  /** Interpreter to use; undefined: look for one. */
  readonly python: string | undefined;
  /** The engine's own program, or the folder of its package; undefined: the engine needs none. */
  readonly tool: string | undefined;
  /** Words of the interpreter's command behind its program: `run python` of `uv`, `-X dev`. */
  readonly pythonArgs: readonly string[];
  readonly options: EngineOptions;
  /** Folder that gets the run's own; undefined: the user's data folder. */
  readonly runsDir: string | undefined;
  readonly isJson: boolean;
  /** A script's path is as typed. */
  readonly entry: Entry;
  /** The command of a package in the environment, where `entry` is but the module of its name. */
  readonly command?: string | undefined;
  /** Everything behind the program, untouched. */
  readonly args: readonly string[];
}

/** Which interpreter a command is about; the one that a run would take when it is not named. */
export interface InterpreterOptions {
  /** Interpreter to use; undefined: look for one. */
  readonly python: string | undefined;
}

/** How a running process is to be recorded. */
export interface AttachOptions {
  readonly pid: number;
  /** undefined: the best that works. */
  readonly engine: EngineName | undefined;
  /** Path of the engine's tool; undefined: look on PATH. */
  readonly tool: string | undefined;
  /** undefined: until Ctrl+C. */
  readonly durationSeconds: number | undefined;
  /** undefined: the engine’s own. */
  readonly rateHz: number | undefined;
  readonly isJson: boolean;
}

/** Which run becomes a file of which format. */
export interface ExportOptions {
  readonly run: string;
  readonly format: ExportFormat;
  /** undefined: a file named after the run in the working folder. */
  readonly output: string | undefined;
}

const engineWords = new Map<string, AskedEngine>(askedEngines.map(name => [name, name]));
engineWords.set('sampler', 'bundled-sampler');
const attachEngineWordsText = ['auto', 'sampler', ...attachEngines].join(', ');
const engineWordsText = [...engineWords.keys()].join(', ');
/** A day: whoever wants more wants to stop it. */
const maxDurationSeconds = 86_400;
const maxLastSeconds = 600;

const formatNames = exportFormats.map(format => format.id);

/** What the help prints, and whoever wrote something that cannot be understood. */
export const usage = `usage: pyrolens record [--engine ENGINE [--tool PATH] [--engine-arg WORD]…] [--rate HZ] [--native] [--no-children]
                       [--last SECONDS]
                       [--python PATH [--python-arg WORD]…]
                       [--runs FOLDER] [--json] SCRIPT|-m MODULE|-c CODE|COMMAND [ARGS…]
       pyrolens profile …               the same
       pyrolens attach PID [--engine ENGINE [--tool PATH]] [--duration SECONDS] [--rate HZ] [--json]
       pyrolens keep [RUN] [--json]     keeps the last seconds of a program that «record --last» has started; it goes on
       pyrolens processes [--all] [--json]
       pyrolens runs [--json]
       pyrolens report RUN [--json]     RUN: a name from «runs», or a path; «last» is the newest
       pyrolens export RUN --format FORMAT [--output FILE]
       pyrolens doctor [--python PATH] [--json]     which engines can run here, and why the others cannot
       pyrolens install ENGINE [--python PATH]      installs an engine's tool into a folder of Pyrolens's own
«pyrolens» stands for «node dist/cli.js», as long as your shell has no alias of that name.
COMMAND starts Python as you would: python app.py, uv run app.py, poetry run pytest, gunicorn app:app.
ENGINE is one of ${engineWordsText}.
WORD behind --engine-arg goes to the engine's tool: --gil and --nonblocking for py-spy, --max_stack_depth for VizTracer.
--last keeps only the last SECONDS of all calls, in memory, until «pyrolens keep» or the program's end (bundled tracer).
--native shows frames of compiled code where the engine can; --no-children leaves child processes out.
PATH of a tool is its program, or the folder that holds its Python package.
FORMAT is one of:
${exportFormats.map(({ id, detail }) => `  ${id.padEnd(14)}${detail}`).join('\n')}
`;

/** Reads the arguments behind the program's name. Options end at the script: the rest is the script's own. */
export function readCommandLine(words: readonly string[]): CliCommand {
  const [command, ...rest] = words;
  const isJson = rest.includes('--json');
  if (command === 'profile' || command === 'record') return readProfile(rest);
  if (rest.some(isHelp)) return help();
  if (command === 'attach') return readAttach(rest);
  if (command === 'keep') return { kind: 'keep', run: rest.find(word => word !== '--json'), isJson };
  if (command === 'processes') return { kind: 'processes', isJson, isAll: rest.includes('--all') };
  if (command === 'runs') return { kind: 'runs', isJson };
  if (command === 'report') {
    const run = rest.find(word => word !== '--json');
    return run === undefined ? help('Which run?') : { kind: 'report', run, isJson };
  }
  if (command === 'export') return readExport(rest);
  if (command === 'doctor') return readDoctor(rest, isJson);
  if (command === 'install') return readInstall(rest);
  if (command === undefined || command === 'help' || isHelp(command)) return help();
  return help(`There is no command «${command}».`);
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function readProfile(words: readonly string[]): CliCommand {
  let options = {
    engine: undefined as AskedEngine | undefined,
    rateHz: undefined as number | undefined,
    python: undefined as string | undefined,
    tool: undefined as string | undefined,
    pythonArgs: [] as readonly string[],
    options: { children: true, native: false } as EngineOptions,
    runsDir: undefined as string | undefined,
  };
  let isJson = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const value = words[index + 1];
    if (word === '--json') isJson = true;
    else if (word === '--native') options = withOptions(options, { native: true });
    else if (word === '--no-children') options = withOptions(options, { children: false });
    else if (isHelp(word)) return help();
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

function readAttach(words: readonly string[]): CliCommand {
  let options: Partial<AttachOptions> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--json') continue;
    const isOption = word.startsWith('--');
    const changed = isOption ? readAttachOption(word, words[index + 1]) : readPid(word, options.pid);
    if (typeof changed === 'string') return help(changed);
    options = { ...options, ...changed };
    if (isOption) index++;
  }
  const { pid, engine, tool, durationSeconds, rateHz } = options;
  if (pid === undefined) return help('Which process? «pyrolens processes» lists them.');
  return { kind: 'attach', pid, engine, tool, durationSeconds, rateHz, isJson: words.includes('--json') };
}

function readPid(word: string, known: number | undefined): Partial<AttachOptions> | string {
  if (known !== undefined) return `One process at a time: «${word}» is one too many.`;
  return /^[1-9]\d*$/.test(word) ? { pid: Number(word) } : `«${word}» is no process id.`;
}

/** The option's part of the options, or what is wrong with it. */
function readAttachOption(word: string, value: string | undefined): Partial<AttachOptions> | string {
  if (value === undefined) return `${word} needs a value.`;
  if (word === '--tool') return { tool: value };
  if (word === '--engine') {
    const engine = engineWords.get(value);
    if (engine === 'auto') return {};
    return engine && attachEngines.includes(engine)
      ? { engine }
      : `There is no engine «${value}» for running programs: ${attachEngineWordsText}.`;
  }
  if (word === '--duration') {
    const durationSeconds = Number(value);
    return durationSeconds > 0 && durationSeconds <= maxDurationSeconds
      ? { durationSeconds }
      : `The duration is a number of seconds, at most ${maxDurationSeconds}.`;
  }
  return word === '--rate' ? readRate(value) : `There is no option ${word}.`;
}

function readRate(value: string): { rateHz: number } | string {
  const rateHz = Number(value);
  return rateHz >= 1 && rateHz <= 1000 ? { rateHz } : 'The rate is 1 to 1000 samples per second.';
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

function readDoctor(words: readonly string[], isJson: boolean): CliCommand {
  const { python, others } = takePython(words.filter(word => word !== '--json'));
  return others[0] === undefined
    ? { kind: 'doctor', python, isJson }
    : help(`doctor does not know «${others[0]}».`);
}

function readInstall(words: readonly string[]): CliCommand {
  const { python, others } = takePython(words);
  const engine = engineNames.find(name => name === others[0]);
  if (engine === undefined) return help(`Which engine? ${engineNames.join(', ')}`);
  return others.length === 1
    ? { kind: 'install', engine, python }
    : help(`One engine at a time: «${others[1]}» is one too many.`);
}

/** The interpreter named by `--python`, and the words around it; without a value, the option is one of them. */
function takePython(words: readonly string[]): { python: string | undefined; others: readonly string[] } {
  const index = words.indexOf('--python');
  const python = index < 0 ? undefined : words[index + 1];
  if (python === undefined) return { python, others: words };
  return { python, others: [...words.slice(0, index), ...words.slice(index + 2)] };
}

type Options = Pick<ProfileOptions, 'options' | 'python' | 'pythonArgs' | 'runsDir' | 'tool'> & {
  /** undefined: what fits the other options. */
  readonly engine: AskedEngine | undefined;
  readonly rateHz: number | undefined;
};

function withOptions<Some extends Options>(all: Some, changed: Partial<EngineOptions>): Some {
  return { ...all, options: { ...all.options, ...changed } };
}

/** The options with one of them set, or what is wrong with it. */
function readOption(options: Options, word: string, value: string | undefined): Options | string {
  if (value === undefined) return `${word} needs a value.`;
  if (word === '--python') return { ...options, python: value };
  if (word === '--tool') return { ...options, tool: value };
  if (word === '--python-arg') return { ...options, pythonArgs: [...options.pythonArgs, value] };
  if (word === '--engine-arg') {
    return withOptions(options, { words: [...(options.options.words ?? []), value] });
  }
  if (word === '--last') return readLast(options, value);
  if (word === '--runs') return { ...options, runsDir: value };
  if (word === '--engine') {
    const engine = engineWords.get(value);
    return engine ? { ...options, engine } : `There is no engine «${value}»: ${engineWordsText}.`;
  }
  if (word === '--rate') {
    const rate = readRate(value);
    return typeof rate === 'string' ? rate : { ...options, ...rate };
  }
  return `There is no option ${word}.`;
}

function readLast(options: Options, value: string): Options | string {
  const lastSeconds = Number(value);
  const isRight = lastSeconds >= 1 && lastSeconds <= maxLastSeconds;
  return isRight
    ? withOptions(options, { lastSeconds })
    : `What is kept is a number of seconds from 1 to ${maxLastSeconds}.`;
}

function profileOf(words: readonly string[], named: Options, isJson: boolean): CliCommand {
  const written =
    named.python === undefined ? readWrittenProgram(words) : { ...named, words, command: undefined };
  const options = { ...named, python: written.python, pythonArgs: [...written.pythonArgs] };
  const [first, ...rest] = written.words;
  const isNamed = first === '-m' || first === '-c';
  const [program, ...args] = isNamed ? rest : written.words;
  if (program === undefined) return help(isNamed ? `${first} needs a value.` : 'Which script?');
  const engine = options.engine ?? (options.options.lastSeconds === undefined ? 'auto' : 'tracer');
  if (options.options.lastSeconds !== undefined && engine !== 'tracer') {
    return help('Only the bundled tracer keeps the last seconds: leave --engine out.');
  }
  const { command } = written;
  return {
    ...{ kind: 'profile', ...options, engine, isJson, entry: entryOf(first, program), args },
    ...(command === undefined ? {} : { command }),
  };
}

function entryOf(first: string | undefined, program: string): Entry {
  if (first === '-m') return { kind: 'module', name: program };
  if (first === '-c') return { kind: 'code', text: program };
  return { kind: 'script', path: program };
}

function help(problem?: string): CliCommand {
  return { kind: 'help', problem };
}
