import * as vscode from 'vscode';
import { denialSentence } from '../shared/attachDenials';
import { commands } from '../shared/contributions';
import type { FailureCode, FailureFacts } from '../shared/failures';
import { inertLabel } from '../shared/inertText';
import { preflightTexts, type Said, saidIn } from '../shared/preflight';

/** What the user reads, and the one thing to do about it. */
export interface Sentence {
  readonly text: string;
  /** Its command is run when the button is pressed. */
  readonly action?: { readonly label: string; readonly command: string; readonly args?: readonly unknown[] };
  readonly severity?: 'information' | 'warning';
}

/** The sentence for a failure: cause first, then what helps. Facts are shown inert: they hold names and paths of others. */
export function sentenceFor(code: FailureCode, facts: FailureFacts): Sentence {
  const shown = Object.entries(facts).map(([key, value]) => [key, inertLabel(value)]);
  return sentences[code](Object.fromEntries(shown), facts);
}

/** A sentence of the checks before a run, in the editor's language. */
export function sayPreflight({ text, facts }: Said): string {
  return vscode.l10n.t(preflightTexts[text], facts);
}

const selectInterpreter = () => ({
  label: vscode.l10n.t('Select Interpreter'),
  command: commands.selectInterpreter,
});

const chooseAnotherProcess = () => ({
  label: vscode.l10n.t('Choose Another Process'),
  command: commands.attach,
});

/** Functions, so that the texts are made in the editor's language when they are shown. */
const sentences: Readonly<Record<FailureCode, (shown: FailureFacts, facts: FailureFacts) => Sentence>> = {
  noPython: () => ({
    text: vscode.l10n.t('No Python interpreter was found: neither chosen, nor in a .venv, nor on PATH.'),
    action: selectInterpreter(),
  }),
  pythonTooOld: facts => ({
    text: vscode.l10n.t('{path} is Python {version}. Pyrolens needs 3.9 or later.', facts),
    action: selectInterpreter(),
  }),
  pythonBroken: facts => ({
    text: vscode.l10n.t('The Python interpreter {path} does not run: {reason}', facts),
    action: selectInterpreter(),
  }),
  notPythonFile: () => ({
    text: vscode.l10n.t('Only a Python file on disk can be profiled. Open one and try again.'),
    action: { label: vscode.l10n.t('Open File…'), command: 'workbench.action.files.openFile' },
  }),
  notPythonCell: () => ({
    text: vscode.l10n.t('Only a Python cell can be profiled. Put the cursor into one and try again.'),
  }),
  noKernel: () => ({
    text: vscode.l10n.t(
      'The notebook has no running Python kernel of the Jupyter extension. Run any cell first, then profile this one.',
    ),
  }),
  kernelRefused: facts => ({
    text: vscode.l10n.t('The notebook’s kernel cannot be profiled: {reason}', facts),
  }),
  fileMissing: facts => ({
    text: vscode.l10n.t('{path} does not exist any more.', facts),
  }),
  untrusted: () => ({
    text: vscode.l10n.t('Programs are not launched in Restricted Mode. Profiles can be viewed.'),
    action: { label: vscode.l10n.t('Manage Workspace Trust'), command: 'workbench.trust.manage' },
    severity: 'warning',
  }),
  storageUnwritable: facts => ({
    text: vscode.l10n.t('The profile cannot be written to {path}: {reason}', facts),
  }),
  diskFull: facts => ({
    text: vscode.l10n.t('The disk is full, so the profile cannot be written to {path}.', facts),
    action: { label: vscode.l10n.t('Show Profiles'), command: 'pyrolens.profiles.focus' },
  }),
  launchFailed: facts => ({
    text: vscode.l10n.t('{path} could not be started: {reason}', facts),
    action: selectInterpreter(),
  }),
  programCrashed: facts => ({
    text: vscode.l10n.t('{name} ended with exit code {code}. What was measured until then is shown.', facts),
    action: { label: vscode.l10n.t('Show Terminal'), command: 'workbench.action.terminal.focus' },
    severity: 'warning',
  }),
  programKilled: facts => ({
    text: vscode.l10n.t(
      '{name} was ended by {signal}. What was measured until about a second before is shown.',
      facts,
    ),
    action: { label: vscode.l10n.t('Show Terminal'), command: 'workbench.action.terminal.focus' },
    severity: 'warning',
  }),
  nothingRecorded: facts =>
    facts['reason']
      ? {
          text: vscode.l10n.t('{name} was not measured. {reason}', facts),
          action: { label: vscode.l10n.t('Select Engine…'), command: commands.selectEngine },
          severity: 'warning',
        }
      : {
          text: vscode.l10n.t('{name} ended before anything was measured.', facts),
          action: { label: vscode.l10n.t('Count Calls Instead'), command: commands.profileFileCounts },
          severity: 'warning',
        },
  samplingRefused: facts => ({
    text: vscode.l10n.t('This interpreter cannot be sampled: {reason}', facts),
    action: { label: vscode.l10n.t('Count Calls Instead'), command: commands.profileFileCounts },
  }),
  engineRefused: facts => ({
    text: sayPreflight(saidIn(facts)),
    action: { label: vscode.l10n.t('Select Engine…'), command: commands.selectEngine },
  }),
  installFailed: facts => ({
    text: sayPreflight(saidIn(facts)),
    action: { label: vscode.l10n.t('Show Doctor’s Report'), command: commands.doctor },
  }),
  unreadableRun: facts => ({
    text: vscode.l10n.t('{path} cannot be read as a profile: {reason}', facts),
    action: { label: vscode.l10n.t('Show Profiles'), command: 'pyrolens.profiles.focus' },
  }),
  damagedRun: facts => ({
    text: vscode.l10n.t('{path} is damaged: {reason}', facts),
    action: { label: vscode.l10n.t('Show Profiles'), command: 'pyrolens.profiles.focus' },
  }),
  sourceMissing: (shown, { path, line }) => ({
    text: vscode.l10n.t(
      'The source {path} was not found here, and the profile has not kept its text.',
      shown,
    ),
    action: {
      label: vscode.l10n.t('Locate File…'),
      command: commands.locateSource,
      args: [{ recorded: path, line: Number(line ?? 1) }],
    },
    severity: 'information',
  }),
  noSourceFile: facts => ({
    text: vscode.l10n.t(
      '{path} has no source file: it is part of the interpreter, or was made while the program ran.',
      facts,
    ),
    severity: 'information',
  }),
  notOnDisk: facts => ({
    text: vscode.l10n.t('{path} is not a file on disk. Save it there to open it as a profile.', facts),
  }),
  serverDown: () => ({
    text: vscode.l10n.t('The Pyrolens server has stopped several times, so numbers cannot be shown.'),
    action: { label: vscode.l10n.t('Restart Server'), command: commands.restartServer },
  }),
  exportFailed: facts => ({
    text: vscode.l10n.t('The profile could not be exported to {path}: {reason}', facts),
    action: { label: vscode.l10n.t('Export…'), command: commands.exportRun },
  }),
  nothingToKeep: () => ({
    text: vscode.l10n.t('No program that keeps its last seconds is running.'),
    action: { label: vscode.l10n.t('Profile, Keeping the Last Seconds'), command: commands.profileFileLast },
    severity: 'information',
  }),
  keepUnanswered: facts => ({
    text: vscode.l10n.t(
      '{name} has not answered for five seconds: it may be inside of compiled code. Try again.',
      facts,
    ),
    action: { label: vscode.l10n.t('Try Again'), command: commands.keepLast },
    severity: 'warning',
  }),
  alreadyRecording: facts => ({
    text: vscode.l10n.t('{name} is being profiled. Stop it before profiling something else.', facts),
    action: { label: vscode.l10n.t('Stop Profiling'), command: commands.stop },
    severity: 'warning',
  }),
  engineArgument: facts => ({
    text: vscode.l10n.t(
      '«{word}» is said to {engine} by Pyrolens itself: take it out of «engineArguments» in the settings, or of «engineArgs».',
      facts,
    ),
    action: {
      label: vscode.l10n.t('Open Settings'),
      command: 'workbench.action.openSettings',
      args: ['pyrolens.engineArguments'],
    },
  }),
  wrongConfiguration: facts => ({
    text: vscode.l10n.t('«{name}» cannot be profiled as it is configured: {reason}', facts),
    action: { label: vscode.l10n.t('Open launch.json'), command: 'workbench.action.debug.configure' },
  }),
  processGone: facts => ({
    text: vscode.l10n.t('Process {pid} has ended.', facts),
    action: chooseAnotherProcess(),
    severity: 'warning',
  }),
  notPython: facts => ({
    text: vscode.l10n.t('{name} (process {pid}) does not run Python.', facts),
    action: chooseAnotherProcess(),
  }),
  attachDenied: facts => ({ text: vscode.l10n.t(denialSentence(facts['cause']), facts) }),
  attachUnsupported: facts => ({
    text: vscode.l10n.t('{name} (process {pid}) cannot be recorded while it runs: {reason}.', facts),
    action: chooseAnotherProcess(),
  }),
  attachNeedsTool: facts => ({
    text: vscode.l10n.t(
      '{name} (process {pid}) can be recorded while it runs by {tool}, which was not found. It can be installed into Pyrolens’s own tools folder.',
      facts,
    ),
  }),
  attachFailed: facts => ({
    text: vscode.l10n.t('{engine} could not look into {name} (process {pid}). {reason}', facts).trim(),
    action: chooseAnotherProcess(),
  }),
  internal: facts => ({
    text: vscode.l10n.t('Pyrolens met a fault of its own: {reason}', facts),
    action: { label: vscode.l10n.t('Restart Server'), command: commands.restartServer },
  }),
};
