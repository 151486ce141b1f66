import { type EngineFacts, type EngineName, engineFacts } from './engines';
import type { FailureFacts } from './failures';

/**
 * What the checks before a run say, in English, with placeholders. The host translates them, the command line prints
 * them as they are.
 */
export const preflightTexts = {
  pythonTooOldFor: '{engine} needs Python {needed} or later, and this is {version}.',
  pythonTooNewFor: '{engine} can read Python up to {newest}, and this is {version}.',
  pythonMisread: '{engine} misreads Python {version}: it would name wrong lines and functions.',
  needsCpython: '{engine} works with CPython only, and this is {implementation}.',
  freeThreaded: '{engine} is not safe on this free-threaded build of Python.',
  freeThreadedAuto:
    'This Python is a free-threaded build. The bundled sampler, py-spy and Austin cannot look at its threads safely; profiling.sampling of Python 3.15 and later can.',
  otherSystem: '{engine} does not run on this operating system.',
  programMissing:
    '{engine} is not installed: neither beside {python}, nor in Pyrolens’s own tools folder, nor on PATH.',
  libraryMissing:
    '{engine} is not installed: neither in the environment of {python}, nor in Pyrolens’s own tools folder.',
  moduleMissing:
    'This Python comes without {engine}, although its version has it: its package was split off.',
  toolTooOld: '{path} is {engine} {version}, and Python {python} needs {needed} or later.',
  toolHangs: '{path} did not say its version within {seconds} s.',
  toolBroken: '{path} does not run: {reason}',
  toolGarbage: '{path} is not {engine}, or is damaged: asked for its version it answered «{said}».',
  macRoot:
    'macOS lets only root look into another process, as {engine} does. The bundled sampler needs no such right.',
  yamaAdmin:
    'This system lets only administrators look into other processes, as {engine} does (kernel.yama.ptrace_scope is 2). An administrator can set it to 1.',
  yamaOff:
    'This system lets nobody look into other processes, as {engine} does (kernel.yama.ptrace_scope is 3), until it is started anew with another value.',
  yamaStrangers:
    'This system lets {engine} look only into programs that Pyrolens has started (kernel.yama.ptrace_scope is 1). For others, run as root, or let an administrator set it to 0.',
  containerPtrace:
    'This container lets no process look into another, as {engine} does. Start it with --cap-add=SYS_PTRACE.',
  ptraceRefused:
    'The system refused when a process looked into its own child, as {engine} does: a security profile forbids it.',
  otherUser: 'The program belongs to another user: only root may look into it.',
  anyEngine: 'a profiler from outside',
  whyAsked: 'asked for',
  whyAuto:
    'chosen because it needs no installation and no rights, and no other gives CPU time, garbage collection and tasks together',
  whyAutoOutside:
    'chosen because it hardly slows the program down, needs no installation, and sees from outside what nobody inside can',
  whyAutoFreeThreaded: 'chosen because it alone is safe on a free-threaded build',
  installNoPip:
    '{python} has no pip, and uv is not on PATH, so {engine} cannot be installed. Install one of them, or {engine} itself.',
  installOffline:
    '{engine} could not be downloaded: the package index was not reached. Check the network and pip’s settings, and try again.',
  installNoWheel:
    'The package index offers no {engine} that is ready to run on Python {version} here. Choose another interpreter, or install it yourself.',
  installDiskFull:
    'The disk is full, so {engine} cannot be installed into {path}. Free some space and try again.',
  installTimedOut: '{engine} was not installed within {minutes} min. Check the network and try again.',
  installUnusable: '{engine} was installed and cannot be used here, so it was removed again: {reason}',
  installFailed: '{engine} could not be installed: {reason}',
  doctorTitle: 'Pyrolens Doctor',
  doctorInterpreter: 'Interpreter',
  doctorBuild: '{implementation} {version}',
  doctorFreeThreaded: '{implementation} {version}, free-threaded',
  doctorMadeFrom: 'an environment made from {base}',
  doctorPermissions: 'Permissions',
  doctorLaunched: 'programs that Pyrolens starts',
  doctorStrangers: 'programs that run already',
  doctorPermitted: 'profilers may look into them from outside',
  doctorEngines: 'Engines',
  doctorAuto: '«auto» is {engine}: {why}.',
  doctorNoAuto: '«auto» is none: {cause}',
  doctorGives: 'Gives: {what}',
  doctorTools: 'Pyrolens’s own tools: {path}',
  placeBundled: 'comes with Pyrolens',
  placeInterpreter: 'comes with this Python',
  placeEnvironment: 'in the environment: {path}',
  placeToolsFolder: 'in Pyrolens’s own tools folder: {path}',
  placePath: 'on PATH: {path}',
  offerInstall: 'Install {engine} into Pyrolens’s own tools folder',
  offerInstead: 'Use {engine} instead',
  offerInterpreter: 'Select another interpreter',
  nameBundledSampler: 'the bundled sampler',
  givesLines: 'lines',
  givesTimeAxis: 'time axis',
  givesCpu: 'CPU time',
  givesGil: 'GIL',
  givesGc: 'garbage collection',
  givesNative: 'native frames',
  givesTasks: 'asyncio tasks',
  givesChildren: 'child processes',
  givesForked: 'forked child processes',
  givesCalls: 'exact call counts',
  givesMemory: 'memory',
  givesAttach: 'attach',
} as const;
export type PreflightTextKey = keyof typeof preflightTexts;

/** A sentence of the checks, to be put into words by whoever shows it. */
export interface Said {
  readonly text: PreflightTextKey;
  readonly facts: FailureFacts;
}

/** The sentence in a failure's facts, as `engineRefused` and `installFailed` carry it: its key is the fact `text`. */
export function saidIn({ text = '', ...facts }: FailureFacts): Said {
  const key = Object.keys(preflightTexts).find((known): known is PreflightTextKey => known === text);
  return { text: key ?? 'installFailed', facts };
}

/** What helps when an engine cannot run. */
export type EngineOffer =
  | { readonly kind: 'install'; readonly engine: EngineName }
  | { readonly kind: 'useInstead'; readonly engine: EngineName }
  | { readonly kind: 'selectInterpreter' };

/** Puts a template's facts in; what is not known stays as it is. */
export function fillTemplate(template: string, facts: FailureFacts): string {
  return template.replace(/\{(\w+)\}/g, (match, name: string) => facts[name] ?? match);
}

/** What the engine can give, as short words. */
export function engineGives(engine: EngineName): PreflightTextKey[] {
  const facts = engineFacts(engine);
  return gives.filter(([has]) => has(facts)).map(([, key]) => key);
}

const gives: readonly (readonly [(facts: EngineFacts) => boolean, PreflightTextKey])[] = [
  [facts => facts.depth === 'memory', 'givesMemory'],
  [facts => facts.countsCalls, 'givesCalls'],
  [facts => facts.hasLines, 'givesLines'],
  [facts => facts.hasTimeAxis, 'givesTimeAxis'],
  [facts => facts.hasCpu, 'givesCpu'],
  [facts => facts.hasGil, 'givesGil'],
  [facts => facts.hasGc, 'givesGc'],
  [facts => facts.hasNative, 'givesNative'],
  [facts => facts.hasTasks, 'givesTasks'],
  [facts => facts.hasChildren && !facts.hasForkedOnly, 'givesChildren'],
  [facts => facts.hasForkedOnly, 'givesForked'],
  [facts => facts.canAttach, 'givesAttach'],
];
