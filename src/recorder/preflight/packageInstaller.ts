import { type EngineName, engineFacts } from '../../shared/engines';
import type { FailureFacts } from '../../shared/failures';
import type { PreflightTextKey, Said } from '../../shared/preflight';
import type { Environment } from '../engines/engine';
import { type BriefRun, runBriefly } from './briefRun';
import type { ToolSearch } from './toolFinding';

const askTimeoutMs = 20_000;
const shownChars = 300;

/** The user's own pip or uv. */
export interface Installer {
  readonly command: readonly string[];
  readonly environment: Environment;
  /** Arguments that install ready-made packages into a folder; the requirement follows. */
  readonly into: (folder: string) => string[];
}

/** Nothing is compiled: packages without a wheel would need a compiler and run code of theirs. */
const wheelsOnly = ['--only-binary', ':all:'];
const pipArgs = [
  ...['install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--no-compile'],
  ...['--retries', '1', '--timeout', '15', ...wheelsOnly],
];
/** Settings of the user's that contradict a folder of ours. */
const neutralSettings = {
  PIP_USER: '0',
  PIP_REQUIRE_VIRTUALENV: '0',
  PIP_TARGET: undefined,
  PIP_PREFIX: undefined,
  PIP_ROOT: undefined,
} as const;

/** pip of the interpreter, else uv on PATH; a sentence when there is neither. */
export async function findInstaller(engine: EngineName, search: ToolSearch): Promise<Installer | Said> {
  const { command, executable } = search.python;
  const environment = { ...search.environment, ...neutralSettings };
  const pip = [...command, '-m', 'pip'];
  if (await answers([...pip, '--version'], environment)) {
    return { command: pip, environment, into: folder => [...pipArgs, '--target', folder] };
  }
  if (await answers(['uv', '--version'], environment)) {
    const python = ['--python', executable];
    const into = (folder: string) => ['pip', 'install', ...wheelsOnly, ...python, '--target', folder];
    return { command: ['uv'], environment, into };
  }
  return { text: 'installNoPip', facts: { engine: engineFacts(engine).label, python: executable } };
}

async function answers(command: readonly string[], env: Environment): Promise<boolean> {
  const run = await runBriefly(command, { timeoutMs: askTimeoutMs, env });
  return run.how === 'ended' && run.code === 0;
}

const network =
  /NewConnectionError|ConnectionError|Max retries exceeded|Connection (?:refused|reset)|Name or service not known|getaddrinfo|Temporary failure in name resolution|ProxyError|ReadTimeout|ConnectTimeout|SSLError|dns error|error sending request|client error \(Connect\)|Failed to fetch/i;

/** What went wrong, by the words of pip and uv. Names the network before the package: both say that nothing was found. */
const signs: readonly (readonly [RegExp, PreflightTextKey])[] = [
  [/No space left on device|Errno 28\b|Disk quota exceeded|Errno 122\b/i, 'installDiskFull'],
  [network, 'installOffline'],
  [
    /No matching distribution|Could not find a version|No solution found|no wheels? (?:with|are)/i,
    'installNoWheel',
  ],
];

/** The sentence for a run of pip or uv that has failed. */
export function failureOfInstaller(run: BriefRun, facts: FailureFacts): Said {
  if (run.how === 'timedOut') return { text: 'installTimedOut', facts };
  const said = `${run.stdout}\n${run.stderr}`;
  const text = signs.find(([pattern]) => pattern.test(said))?.[1] ?? 'installFailed';
  return { text, facts: { ...facts, reason: run.reason || lastErrorIn(said) } };
}

function lastErrorIn(said: string): string {
  const lines = said
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
  const line = lines.filter(text => /error/i.test(text)).at(-1) ?? lines.at(-1) ?? '';
  return line.replace(/^error: /i, '').slice(0, shownChars);
}
