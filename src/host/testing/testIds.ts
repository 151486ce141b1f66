/** Ids of the Python extension's test items as arguments for pytest and unittest. Pure. */

import { basename, relative } from 'node:path';

export type TestFramework = 'pytest' | 'unittest';

/** What is to be run of a workspace's tests. */
export interface TestSelection {
  readonly framework: TestFramework;
  /** Arguments that name the tests, behind those that the user has set. */
  readonly args: readonly string[];
  /** What the run is called. */
  readonly name: string;
}

/** The Python extension's settings for a folder. */
export interface TestSettings {
  readonly isPytestEnabled: boolean;
  readonly isUnittestEnabled: boolean;
  readonly pytestArgs: readonly string[];
  readonly unittestArgs: readonly string[];
}

/** `/shop/tests/test_a.py\TestCart\test_add`: unittest's items are joined by backslashes on every system. */
const unittestId = /^(.*\.py)(?:\\(\w+))?(?:\\(\w+))?$/;

/** pytest's options whose value is a word of its own: such a word is no test to run. */
const optionsWithValue = new Set([
  ...['-c', '-k', '-m', '-n', '-o', '-p', '-r', '-W', '--basetemp', '--capture', '--color', '--config-file'],
  ...['--confcutdir', '--cov', '--cov-config', '--cov-report', '--deselect', '--dist', '--durations'],
  ...['--ignore', '--ignore-glob', '--import-mode', '--junit-xml', '--junitxml', '--log-file', '--log-level'],
  ...[
    '--log-cli-level',
    '--maxfail',
    '--override-ini',
    '--pythonwarnings',
    '--rootdir',
    '--tb',
    '--verbosity',
  ],
]);

/** Which framework an id belongs to: what is enabled, or, if that does not tell, how the id is written. */
export function frameworkOf(id: string, settings: TestSettings): TestFramework {
  const { isPytestEnabled, isUnittestEnabled } = settings;
  if (isPytestEnabled !== isUnittestEnabled) return isPytestEnabled ? 'pytest' : 'unittest';
  return !id.includes('::') && unittestId.exec(id)?.[2] !== undefined ? 'unittest' : 'pytest';
}

/** The arguments that run exactly these tests; `cwd` is the folder that they are started in. */
export function selectTests(ids: readonly string[], cwd: string, settings: TestSettings): TestSelection {
  const framework = frameworkOf(ids[0] ?? '', settings);
  const [first = '', ...others] = ids.map(testName);
  const name = others.length === 0 ? first : `${first} +${others.length}`;
  if (framework === 'pytest') {
    return { framework, name, args: [...pytestOptions(settings.pytestArgs), ...ids] };
  }
  return { framework, name, args: unittestArguments(ids, cwd, settings.unittestArgs) };
}

/** The last part of an id, as the Test Explorer shows it. */
function testName(id: string): string {
  const part = id.includes('::') ? id.slice(id.lastIndexOf('::') + 2) : id;
  return basename(part.replaceAll('\\', '/'));
}

/** The user's options without the folders and files that are run when nothing is selected. */
function pytestOptions(args: readonly string[]): string[] {
  return args.filter((arg, index) => arg.startsWith('-') || optionsWithValue.has(args[index - 1] ?? ''));
}

function unittestArguments(ids: readonly string[], cwd: string, args: readonly string[]): string[] {
  const place = discoveryPlace(args);
  const top = place.top ?? place.start;
  const names = ids.flatMap(id => dottedName(id, resolveBelow(cwd, top)) ?? []);
  const folder = names.length === ids.length ? [] : ['-s', ids[0] ?? '.', '-p', place.pattern];
  return [...folder, '-t', top, ...(folder.length === 0 ? names : [])];
}

/** unittest's own options that say where its tests are. */
function discoveryPlace(args: readonly string[]): {
  start: string;
  top: string | undefined;
  pattern: string;
} {
  const optionValue = (...names: string[]) => {
    const at = args.findIndex(arg => names.includes(arg));
    const joined = args.find(arg => names.some(name => name.startsWith('--') && arg.startsWith(`${name}=`)));
    return at >= 0 ? args[at + 1] : joined?.slice(joined.indexOf('=') + 1);
  };
  return {
    start: optionValue('-s', '--start-directory') ?? '.',
    top: optionValue('-t', '--top-level-directory'),
    pattern: optionValue('-p', '--pattern') ?? 'test*.py',
  };
}

/** `tests.test_a.TestCart.test_add`; undefined for a folder. */
function dottedName(id: string, top: string): string | undefined {
  const [, file, ...parts] = unittestId.exec(id) ?? [];
  if (file === undefined) return undefined;
  const module = relative(top, file).replace(/\.py$/, '').replaceAll('\\', '/').replaceAll('/', '.');
  return [module, ...parts.filter(part => part !== undefined)].join('.');
}

function resolveBelow(cwd: string, folder: string): string {
  return /^(?:[/\\]|[a-z]:)/i.test(folder) ? folder : `${cwd}/${folder}`;
}
