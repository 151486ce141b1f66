/** Reads launch configurations in debugpy's vocabulary. Pure: variables such as `${file}` have been replaced before. */

import { isAbsolute, join } from 'node:path';
import { splitWords } from '../../recorder/commandWords';
import type { EngineOptions } from '../../recorder/engines/engine';
import type { Entry } from '../../recorder/engines/index';
import { type AskedEngine, askedEngines } from '../../shared/engines';

/** Where the program's terminal is; the Debug Console shows output only. */
export const consoles = ['integratedTerminal', 'externalTerminal', 'internalConsole'] as const;
export type ConsoleKind = (typeof consoles)[number];

/** What a launch configuration asks for, checked. */
export interface ProfileConfiguration {
  /** A script's path is absolute. */
  readonly entry: Entry;
  readonly args: readonly string[];
  readonly python: readonly string[] | 'shebang' | undefined;
  readonly pythonArgs: readonly string[];
  readonly env: Readonly<Record<string, string | null>>;
  readonly envFile: string | undefined;
  readonly cwd: string | undefined;
  readonly console: ConsoleKind;
  readonly consoleName: string | undefined;
  /** undefined: the one in the settings. */
  readonly engine: AskedEngine | undefined;
  readonly rateHz: number | undefined;
  readonly options: EngineOptions;
}

/** What a value should have been; the host has a sentence for each. */
export type Expectation =
  | ('text' | 'texts' | 'variables' | 'yesOrNo' | 'rate' | 'lastSeconds' | 'entry')
  | readonly string[];

/** The first value that cannot be used. */
export interface WrongSetting {
  readonly setting: string;
  readonly expected: Expectation;
}

type Settings = Readonly<Record<string, unknown>>;

interface NumberLimits {
  readonly least: number;
  readonly most: number;
  readonly expected: Expectation;
}

const rateLimits: NumberLimits = { least: 1, most: 1000, expected: 'rate' };
const lastSecondsLimits: NumberLimits = { least: 1, most: 600, expected: 'lastSeconds' };

/** Reads a configuration; relative paths count from `folder`, the workspace folder it belongs to. */
export function readConfiguration(
  settings: Settings,
  folder: string | undefined,
): ProfileConfiguration | WrongSetting {
  const read = new SettingReader(settings);
  const cwd = absolute(read.text('cwd'), folder);
  const lastSeconds = read.number('lastSeconds', lastSecondsLimits);
  const configuration = {
    entry: readEntry(read, cwd ?? folder),
    args: read.words('args'),
    python: readPython(read),
    pythonArgs: read.words('pythonArgs'),
    env: read.variables('env'),
    envFile: absolute(read.text('envFile'), folder),
    cwd,
    console: read.oneOf('console', consoles) ?? 'integratedTerminal',
    consoleName: read.text('consoleName'),
    engine: read.oneOf('engine', askedEngines) ?? (lastSeconds === undefined ? undefined : 'tracer'),
    rateHz: read.number('rate', rateLimits),
    options: {
      ...(lastSeconds === undefined ? {} : { lastSeconds }),
      children: read.flag('subProcess') ?? true,
      native: read.flag('native') ?? false,
      ...(settings['engineArgs'] === undefined ? {} : { words: read.words('engineArgs') }),
    },
  };
  return read.wrong ?? configuration;
}

/** True for what `readConfiguration` refused. */
export function isWrong(result: ProfileConfiguration | WrongSetting): result is WrongSetting {
  return 'setting' in result;
}

function readEntry(read: SettingReader, folder: string | undefined): Entry {
  const [program, module, code] = [read.text('program'), read.text('module'), read.lines('code')];
  if ([program, module, code].filter(value => value !== undefined).length !== 1) {
    read.refuse('program', 'entry');
  }
  if (module !== undefined) return { kind: 'module', name: module };
  if (code !== undefined) return { kind: 'code', text: code };
  return { kind: 'script', path: absolute(program, folder) ?? '' };
}

/** `pythonPath` is what `python` was called before. One text is a path, however many blanks it has. */
function readPython(read: SettingReader): readonly string[] | 'shebang' | undefined {
  const python = read.commandWords('python') ?? read.commandWords('pythonPath');
  return python?.length === 1 && python[0] === 'shebang' ? 'shebang' : python;
}

function absolute(path: string | undefined, folder: string | undefined): string | undefined {
  return path === undefined || isAbsolute(path) ? path : join(folder ?? '', path);
}

/** Reads values one by one and keeps the first that is of the wrong sort. Empty texts count as left out. */
class SettingReader {
  wrong: WrongSetting | undefined;

  constructor(private readonly settings: Settings) {}

  refuse(setting: string, expected: Expectation): undefined {
    this.wrong ??= { setting, expected };
  }

  text(setting: string): string | undefined {
    const value = this.settings[setting];
    if (isLeftOut(value)) return undefined;
    return typeof value === 'string' ? value : this.refuse(setting, 'text');
  }

  /** One text, or the lines of one. */
  lines(setting: string): string | undefined {
    const value = this.settings[setting];
    return isTexts(value) ? value.join('\n') : this.text(setting);
  }

  /** Words as they are, or a text that is split as a shell does. */
  words(setting: string): readonly string[] {
    const value = this.settings[setting];
    if (isLeftOut(value)) return [];
    if (typeof value === 'string') return splitWords(value, process.platform === 'win32');
    if (isTexts(value)) return value.map(String);
    this.refuse(setting, 'texts');
    return [];
  }

  commandWords(setting: string): readonly string[] | undefined {
    const value = this.settings[setting];
    if (isLeftOut(value)) return undefined;
    if (typeof value === 'string') return [value];
    return isTexts(value) && value.length > 0 ? value.map(String) : this.refuse(setting, 'texts');
  }

  variables(setting: string): Readonly<Record<string, string | null>> {
    const value = this.settings[setting];
    if (isLeftOut(value)) return {};
    const entries = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value ?? {}) : [];
    const isRight = entries.every(([, item]) => item === null || isWord(item) || typeof item === 'boolean');
    if (!isRight || (entries.length === 0 && JSON.stringify(value) !== '{}')) {
      this.refuse(setting, 'variables');
    }
    return Object.fromEntries(entries.map(([name, item]) => [name, item === null ? null : String(item)]));
  }

  flag(setting: string): boolean | undefined {
    const value = this.settings[setting];
    if (isLeftOut(value)) return undefined;
    return typeof value === 'boolean' ? value : this.refuse(setting, 'yesOrNo');
  }

  number(setting: string, { least, most, expected }: NumberLimits): number | undefined {
    const value = this.settings[setting];
    if (isLeftOut(value)) return undefined;
    const isRight = typeof value === 'number' && value >= least && value <= most;
    return isRight ? value : this.refuse(setting, expected);
  }

  oneOf<T extends string>(setting: string, values: readonly T[]): T | undefined {
    const value = this.settings[setting];
    if (isLeftOut(value)) return undefined;
    return values.find(known => known === value) ?? this.refuse(setting, values);
  }
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function isWord(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isTexts(value: unknown): value is (string | number)[] {
  return Array.isArray(value) && value.every(isWord);
}
