import type { ExitStatus, RecordedTarget } from './recordedTarget';

const passedOn = ['SIGTERM', 'SIGHUP'] as const;
/** The terminal sends these to the whole foreground group. */
const fromTerminal = ['SIGINT', 'SIGQUIT', 'SIGBREAK'] as const;
const withCoreDump: readonly string[] = [
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGQUIT',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
];

/**
 * Makes this process invisible to signals: what the terminal sends to everyone is left to the program, what only we
 * get is passed on. Returns a function that undoes it.
 */
export function passSignalsTo(target: () => RecordedTarget | undefined): () => void {
  const listeners: [NodeJS.Signals, () => void][] = [
    ...fromTerminal.map((signal): [NodeJS.Signals, () => void] => [signal, () => target()?.interrupt()]),
    ...passedOn.map((signal): [NodeJS.Signals, () => void] => [signal, () => passOn(signal, target())]),
  ];
  const usable = listeners.filter(([signal]) => isKnown(signal));
  for (const [signal, listener] of usable) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of usable) process.off(signal, listener);
  };
}

function passOn(signal: NodeJS.Signals, target: RecordedTarget | undefined): void {
  if (target) target.signal(signal);
  else process.exit(0);
}

/** SIGBREAK exists on Windows only, SIGQUIT everywhere else. */
function isKnown(signal: NodeJS.Signals): boolean {
  return process.platform === 'win32' ? signal !== 'SIGQUIT' : signal !== 'SIGBREAK';
}

/**
 * Ends this process the way the program ended: same exit code, or same signal. Signals that would dump our own core
 * become the code shells use for them.
 */
export function exitLike(status: ExitStatus, undoSignals: () => void): void {
  undoSignals();
  if (status.signal === null) process.exit(status.code ?? 1);
  if (process.platform === 'win32' || withCoreDump.includes(status.signal)) {
    process.exit(128 + signalNumber(status.signal));
  }
  process.kill(process.pid, status.signal);
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGSEGV: 11,
  SIGSYS: 31,
};

function signalNumber(signal: string): number {
  return signalNumbers[signal] ?? 15;
}
