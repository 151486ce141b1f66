import { denialSentence } from '../shared/attachDenials';
import type { FailureCode, FailureFacts, PyrolensError } from '../shared/failures';
import { saidIn } from '../shared/preflight';
import { sayEnglish } from './engineWords';

type Sentence = (facts: FailureFacts) => string;

/** The same funnel as the editor's, for a terminal: what is wrong and what to do about it, in one line. */
export function failureText({ code, facts }: PyrolensError): string {
  const sentence = sentences[code];
  return sentence ? sentence(facts) : `Pyrolens met a fault of its own: ${facts['reason'] ?? code}`;
}

function fill(sentence: string, facts: FailureFacts): string {
  return sentence.replace(/\{(\w+)\}/g, (all, name: string) => facts[name] ?? all);
}

const sentences: Readonly<Partial<Record<FailureCode, Sentence>>> = {
  noPython: () => 'No Python interpreter was found. Name one with --python PATH.',
  pythonTooOld: facts =>
    `${facts['path']} is Python ${facts['version']}. Pyrolens needs 3.9 or later: name another with --python PATH.`,
  pythonBroken: facts =>
    `The Python interpreter ${facts['path']} does not run: ${facts['reason']}. Name another with --python PATH.`,
  fileMissing: facts => `${facts['path']} does not exist. ${facts['advice'] ?? ''}`.trim(),
  storageUnwritable: facts =>
    `The profile cannot be written to ${facts['path']}: ${facts['reason']}. Set XDG_DATA_HOME to a folder that can be written.`,
  diskFull: facts =>
    `The disk is full, so the profile cannot be written to ${facts['path']}. Free some space and try again.`,
  launchFailed: facts => `${facts['path']} could not be started: ${facts['reason']}`,
  nothingRecorded: facts =>
    facts['reason']
      ? `${facts['name']} was not measured. ${facts['reason']} Leave --engine out to use the bundled sampler.`
      : `${facts['name']} ended before anything was measured. Try --engine cprofile for short programs.`,
  engineRefused: facts => `${sayEnglish(saidIn(facts))} ${facts['advice'] ?? ''}`.trim(),
  engineArgument: facts =>
    `«${facts['word']}» is said to ${facts['engine']} by Pyrolens itself: take it out of the --engine-arg words.`,
  installFailed: facts => sayEnglish(saidIn(facts)),
  processGone: facts => `There is no process ${facts['pid']}. List them: pyrolens processes`,
  notPython: facts =>
    `${facts['name']} (process ${facts['pid']}) does not run Python. List those that do: pyrolens processes`,
  attachDenied: facts => fill(denialSentence(facts['cause']), facts),
  attachUnsupported: facts =>
    `${facts['name']} (process ${facts['pid']}) cannot be recorded while it runs: ${facts['reason']}.`,
  attachNeedsTool: facts =>
    `${facts['name']} (process ${facts['pid']}) can be recorded while it runs by ${facts['tool']}, which was not found. Name it with --tool PATH, or install it: pyrolens install ${facts['engine']}`,
  attachFailed: facts =>
    `${facts['engine']} could not look into ${facts['name']} (process ${facts['pid']}). ${facts['reason']}`.trim(),
  nothingToKeep: facts =>
    facts['name']
      ? `${facts['name']} does not keep its last seconds. Start it so: pyrolens record --last 10 …`
      : 'No program that keeps its last seconds is running. Start one: pyrolens record --last 10 …',
  keepUnanswered: facts =>
    `${facts['name']} has not answered for five seconds: it may be inside of compiled code. Try again.`,
  exportFailed: facts => `The profile could not be exported to ${facts['path']}: ${facts['reason']}.`,
  unreadableRun: facts => `${facts['path']} cannot be read as a profile: ${facts['reason']}`,
};
