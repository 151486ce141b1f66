/** Launch entries of the Python debugger, taken over unchanged under our own debug type. Pure. */

export const pyrolensType = 'pyrolens';
/** Of the Python debugger: today's and the former one. */
export const debuggerTypes: readonly string[] = ['debugpy', 'python'];

/** An entry of a `launch.json`. */
export type LaunchEntry = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly type: string;
  readonly request: string;
};

/** What is ours or was made for the Python debugger; everything else in a `launch.json` belongs to others. */
export function isPythonEntry(value: unknown): value is LaunchEntry {
  const entry = value as LaunchEntry | null | undefined;
  if (typeof entry !== 'object' || typeof entry?.name !== 'string') return false;
  return entry.type === pyrolensType || debuggerTypes.includes(entry.type);
}

/** True for entries that start a program; the others attach to one that runs, or wait for one. */
export function launchesProgram(entry: LaunchEntry): boolean {
  return entry.request === 'launch' && entry['connect'] === undefined && entry['listen'] === undefined;
}

/** The debugger's own words for «the selected interpreter», which is what we take without being told. */
const selectedInterpreter =
  /^\$\{(?:command:python\.interpreterPath|config:python\.(?:pythonPath|defaultInterpreterPath))\}$/;
/** What only stops, steps or shows values, or says which of the debugger's own buttons takes the entry. */
const debuggingOnly = [
  ...['stopOnEntry', 'redirectOutput', 'showReturnValue', 'logToFile', 'debugAdapterPath'],
  'purpose',
];

/** The same entry for our debug type: VS Code itself still runs its tasks and replaces its variables and inputs. */
export function toPyrolensEntry(entry: LaunchEntry): LaunchEntry {
  const kept = Object.entries(entry).filter(
    ([key, value]) => !debuggingOnly.includes(key) && !isSelectedInterpreter(key, value),
  );
  return { ...(Object.fromEntries(kept) as LaunchEntry), type: pyrolensType };
}

function isSelectedInterpreter(key: string, value: unknown): boolean {
  return (key === 'python' || key === 'pythonPath') && selectedInterpreter.test(String(value));
}
