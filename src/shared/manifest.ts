import { type EngineName, engineNames } from './engines';

/**
 * The manifest of a run: `run.pyrolens`, a small JSON file in the run's folder beside its parts.
 * The recorder writes it when the run starts and when it ends; the server adds the sources once, after the end.
 */
export interface RunManifest {
  readonly version: 1;
  readonly id: string;
  /** What the user calls it: the script's base name until it is renamed. */
  readonly name: string;
  /** The name is the user's own. */
  readonly isRenamed?: boolean | undefined;
  readonly engine: EngineName;
  readonly engineVersion: string;
  readonly rateHzAsked: number;
  /** Program and arguments as started. */
  readonly command: readonly string[];
  /** Path of the script; '' where a module, a piece of code or a running process was profiled. */
  readonly script: string;
  readonly cwd: string;
  readonly interpreter: { readonly path: string; readonly version: string };
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** The profile's own duration, noted when it was first read: the 100 % that its shares refer to. */
  readonly durationNs?: number | undefined;
  readonly state: 'recording' | 'stopped' | 'ended';
  /** Only so many last seconds are kept. */
  readonly lastSeconds?: number | undefined;
  /** The process that will end this recording; when it is gone and `state` says `recording`, the run was cut off. */
  readonly launcherPid?: number | undefined;
  /** The recorded program itself. */
  readonly programPid?: number | undefined;
  /** The tool that looks at it from outside. */
  readonly samplerPid?: number | undefined;
  /** Set when the program ran already. Paths of the profile, and `cwd`, count from its own `/`. */
  readonly attached?: AttachedProgram | undefined;
  /** The engine that was to record and could not, so that `engine` did; `reason` is its own words. */
  readonly replaced?: ReplacedEngine | undefined;
  /** A debugger was at work in the program: its times are distorted. */
  readonly isUnderDebugger?: boolean | undefined;
  readonly exit: { readonly code: number | null; readonly signal: string | null } | undefined;
  readonly git: { readonly commit: string; readonly changedFileCount: number } | undefined;
  /** Recorded path → SHA-256 of its text when the run ended; the text itself is in `sources/<sha256>`. */
  readonly sources: Readonly<Record<string, string>> | undefined;
  /** A notebook's cells by recorded path, which is a file that never was. */
  readonly cells?: Readonly<Record<string, RecordedCell>> | undefined;
}

/** A notebook cell that was run while it was recorded, or had defined what ran. */
export interface RecordedCell {
  /** Of the cell's document in the editor; '' when the notebook has no cell of this text any more. */
  readonly uri: string;
  /** Of its text, which is in `sources/<sha256>`. */
  readonly sha256: string;
}

/** An engine whose tool could not look at the program. */
export interface ReplacedEngine {
  readonly engine: EngineName;
  readonly reason: string;
}

/** A program that was not started for its recording. */
export interface AttachedProgram {
  /** Where its `/` is here: another folder than `/` for a program in a change root. */
  readonly root: string;
  readonly startedAtMs: number;
}

/** The manifest’s name in a run’s folder. */
export const manifestFileName = 'run.pyrolens';

/** Files of a run's folder that hold measurements: our own streams and tables, and `profile-…`, written by a tool. */
export function isPartName(fileName: string): boolean {
  return /\.(chunks|pstats)$|^profile-/.test(fileName);
}

/** Returns the manifest, or a sentence saying what is wrong with the text. */
export function readManifest(text: string): RunManifest | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isRecord(value)) return 'it is not an object';
  if (value['version'] !== 1)
    return `its version is ${String(value['version'])}, this Pyrolens reads version 1`;
  for (const key of ['id', 'name', 'script', 'cwd', 'engine', 'state'] as const) {
    if (typeof value[key] !== 'string') return `«${key}» is missing`;
  }
  if (!isEngine(value['engine'])) return `its engine «${String(value['engine'])}» is unknown`;
  if (!states.includes(value['state'])) return `its state «${String(value['state'])}» is unknown`;
  if (!isRecord(value['interpreter']) || !isTexts(value['command'])) return 'its command is missing';
  return { ...unknownFacts, ...withoutDamage(value) } as unknown as RunManifest;
}

const states: readonly unknown[] = ['recording', 'stopped', 'ended'];

/** What a manifest without these facts says. */
const unknownFacts = { engineVersion: '', rateHzAsked: 0, startedAtMs: 0 };

/** Facts of the wrong sort are left out, as if they were not there: the recording can be read without them. */
const checks = new Map<string, (fact: unknown) => boolean>([
  ['engineVersion', isText],
  ['rateHzAsked', isAmount],
  ['interpreter', fact => isRecord(fact) && isText(fact['path']) && isText(fact['version'])],
  ['startedAtMs', isAmount],
  ['endedAtMs', isAmount],
  ['durationNs', isAmount],
  ['lastSeconds', isAmount],
  ['launcherPid', isProcessId],
  ['programPid', isProcessId],
  ['samplerPid', isProcessId],
  ['attached', fact => isRecord(fact) && isText(fact['root']) && isAmount(fact['startedAtMs'])],
  ['replaced', fact => isRecord(fact) && isEngine(fact['engine']) && isText(fact['reason'])],
  ['isRenamed', fact => typeof fact === 'boolean'],
  ['isUnderDebugger', fact => typeof fact === 'boolean'],
  ['exit', fact => isRecord(fact)],
  ['git', fact => isRecord(fact) && isText(fact['commit']) && isAmount(fact['changedFileCount'])],
  ['cells', fact => isRecord(fact) && Object.values(fact).every(isCell)],
  ['sources', fact => isRecord(fact) && Object.values(fact).every(isSha256)],
]);

function withoutDamage(value: Record<string, unknown>): Record<string, unknown> {
  const sound = Object.entries(value).filter(([key, fact]) => checks.get(key)?.(fact) ?? true);
  return { interpreter: { path: '', version: '' }, ...Object.fromEntries(sound) };
}

function isEngine(value: unknown): boolean {
  return engineNames.some(name => name === value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** Signals are sent to it: 0 and negative numbers would mean whole groups of processes. */
function isProcessId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31;
}

/** It names a file below the run's folder, and nothing else. */
function isSha256(value: unknown): boolean {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}

function isCell(value: unknown): boolean {
  return isRecord(value) && isText(value['uri']) && isSha256(value['sha256']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
