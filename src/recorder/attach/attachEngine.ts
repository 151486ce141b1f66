import { isAbsolute } from 'node:path';
import { type EngineFacts, type EngineName, engineFacts } from '../../shared/engines';
import { type FailureCode, PyrolensError } from '../../shared/failures';
import { engineTool } from '../preflight/engineTools';
import type { ToolFinding } from '../preflight/toolFinding';
import { minorVersion, shortName } from '../processList/index';
import { pythonOfExecutable } from '../processList/pythonNames';
import type { PythonFacts } from '../pythonProbe';
import type { PythonProcess } from './attachable';
import { remoteInterpreter } from './remoteInterpreter';

/** The engine for a running program, with what it needs. */
export interface AttachChoice {
  readonly engine: EngineName;
  readonly tool: readonly string[];
  readonly toolVersion: string;
  /** Empty where the engine needs none. */
  readonly interpreter: readonly string[];
}

export interface AttachWishes {
  /** undefined: the best that works. */
  readonly engine?: EngineName | undefined;
  /** Looks for the tool of an engine, for this interpreter. */
  readonly findTool: (engine: EngineName, python: PythonFacts) => Promise<ToolFinding>;
}

/**
 * Best first. Tools that look from outside disturb a program least, so they come before what runs inside it; the standard
 * library's knows its own interpreter best, and tools that the user has installed are trusted before ours.
 */
export const attachEngines: readonly EngineName[] = [
  'tachyon',
  'py-spy',
  'austin',
  'observer',
  'bundled-sampler',
];

/** What is easiest to help comes first: a tool that is there and does not work, then one that is missing. */
const tellingFirst: readonly FailureCode[] = ['engineRefused', 'attachNeedsTool'];

/**
 * The first engine that can be put to the program. Fails with `attachUnsupported`, `engineRefused` (a tool that does not
 * work) or `attachNeedsTool`: with the reason of the engine that was asked for, else the one that is easiest to help.
 */
export async function chooseAttachEngine(
  program: PythonProcess,
  wishes: AttachWishes,
): Promise<AttachChoice> {
  const names = wishes.engine === undefined ? attachEngines : [wishes.engine];
  const failures: PyrolensError[] = [];
  for (const name of names) {
    const choice = await tryEngine(program, engineFacts(name), wishes);
    if (!(choice instanceof PyrolensError)) return choice;
    failures.push(choice);
  }
  const [first] = tellingFirst.flatMap(code => failures.filter(failure => failure.code === code));
  throw first ?? failures.at(-1) ?? unsupported(program, 'no engine of Pyrolens can do that');
}

async function tryEngine(
  program: PythonProcess,
  facts: EngineFacts,
  wishes: AttachWishes,
): Promise<AttachChoice | PyrolensError> {
  const reason = misfit(program, facts);
  if (reason !== undefined) return unsupported(program, reason);
  const python = needsInterpreter(facts.name) ? await remoteInterpreter(program) : pythonFactsOf(program);
  if (typeof python === 'string') return unsupported(program, python);
  const tool = await wishes.findTool(facts.name, python);
  if (tool.state === 'ready') {
    const { command, version } = tool;
    const interpreter = needsInterpreter(facts.name) ? python.command : [];
    return { engine: facts.name, tool: command, toolVersion: version, interpreter };
  }
  if (tool.state === 'unusable') {
    const { text, facts: details } = tool.problem;
    return new PyrolensError('engineRefused', { ...details, text });
  }
  const { label, name: engine } = facts;
  return new PyrolensError('attachNeedsTool', { ...namesOf(program), tool: label, engine });
}

/** Our own collectors and the standard library's sampler are brought by an interpreter like the program's. */
function needsInterpreter(engine: EngineName): boolean {
  return ['none', 'module'].includes(engineTool(engine).kind);
}

/**
 * What is known of the program's interpreter without running it. Tools may lie beside it in its environment, whose
 * interpreter is a link: the command line has the name that it was started by.
 */
export function pythonFactsOf({ command, executable: real, python, root }: PythonProcess): PythonFacts {
  const started = command[0] ?? '';
  const isItself = root === '/' && isAbsolute(started) && pythonOfExecutable(started) !== undefined;
  const executable = isItself ? started : real;
  return { ...python, command: [executable], executable, baseExecutable: real };
}

/** Why the engine cannot be put to a program of this kind. */
function misfit({ python, isOwn, user }: PythonProcess, facts: EngineFacts): string | undefined {
  const minor = minorVersion(python);
  const label = facts.label;
  if (!attachEngines.includes(facts.name)) return `${label} cannot be put to a running program`;
  if (!runsHere(facts)) return `${label} does not run on this operating system`;
  if (python.implementation !== 'cpython') return `${label} cannot look into PyPy`;
  if (python.isFreeThreaded && !facts.onFreeThreaded) {
    return `${label} cannot look into a free-threaded Python`;
  }
  if (facts.name === 'bundled-sampler' && !isOwn)
    return `it belongs to ${user}, who cannot read what is to run in it`;
  if (minor === undefined) return undefined;
  const least = Math.max(facts.minPython, facts.minPythonToAttach ?? 0);
  if (minor < least)
    return `${label} needs Python 3.${least} or later for that, and it runs ${python.version}`;
  if (facts.maxPython !== undefined && minor > facts.maxPython) {
    return `${label} knows Python up to 3.${facts.maxPython}, and it runs ${python.version}`;
  }
  if (facts.misreadPythons.includes(minor)) return `${label} misreads Python 3.${minor}`;
  return undefined;
}

function runsHere({ onLinux, onMac, onWindows }: EngineFacts): boolean {
  if (process.platform === 'win32') return onWindows;
  return process.platform === 'darwin' ? onMac : onLinux;
}

function unsupported(program: PythonProcess, reason: string): PyrolensError {
  return new PyrolensError('attachUnsupported', { ...namesOf(program), reason });
}

function namesOf(program: PythonProcess): { name: string; pid: string } {
  return { name: shortName(program), pid: String(program.pid) };
}
