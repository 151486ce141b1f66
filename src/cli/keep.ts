import { dirname } from 'node:path';
import { keepLastSeconds, newestKeeping } from '../recorder/keepLast';
import type { LaunchPlan } from '../recorder/launchPlan';
import { PyrolensError } from '../shared/failures';
import { inert } from '../shared/inertText';
import { runsFolder } from './dataFolder';
import { failureText } from './failureText';

const keepSignal = 'SIGUSR2';

/**
 * Keeps the last seconds of a program, by the path of its run or that of the newest one that is being recorded so. Resolves to
 * the path of the run that holds them; fails as `keepLastSeconds` does.
 */
export async function keepFromCommandLine(runPath: string | undefined): Promise<string> {
  const runDir = runPath === undefined ? await newestKeeping(runsFolder()) : dirname(runPath);
  if (runDir === undefined) throw new PyrolensError('nothingToKeep');
  return (await keepLastSeconds(runDir)).path;
}

/**
 * While a program runs whose last seconds are kept, says how to ask for them, and keeps them at each signal. The keyboard
 * belongs to the program. Returns what ends it; nothing is done for other recordings.
 */
export function answerKeepSignal({ runDir, options: { lastSeconds } }: LaunchPlan): () => void {
  if (lastSeconds === undefined) return () => undefined;
  const hasSignals = process.platform !== 'win32';
  say(`The last ${lastSeconds} s are kept in memory. To make a profile of them, in another terminal:`);
  say(`  pyrolens keep "${runDir}"`);
  if (hasSignals) say(`  kill -USR2 ${process.pid}`);
  if (!hasSignals) return () => undefined;
  const listener = () => void keep(runDir);
  process.on(keepSignal, listener);
  return () => void process.off(keepSignal, listener);
}

async function keep(runDir: string): Promise<void> {
  try {
    say(`Kept the last seconds: pyrolens report "${(await keepLastSeconds(runDir)).runDir}"`);
  } catch (error) {
    say(failureText(PyrolensError.from(error)));
  }
}

/** The program's own output may be read by another program. */
function say(text: string): void {
  process.stderr.write(`${inert(text)}\n`);
}
