import { join } from 'node:path';
import type { OutsideSampler } from './engine';
import { outsideEngine } from './outsideEngine';

const resultName = 'profile-py-spy.json';

/**
 * py-spy pauses the program for each look, which cuts writes that wait short (the system call says so). Python without
 * buffers does not write the rest: of 100 MB into a pipe 8 were lost (0.4.3). Native frames need the pause.
 */
function mayNotPause({ interpreter, env, options }: Parameters<OutsideSampler['commandLine']>[0]): boolean {
  if (options.words?.includes('--nonblocking')) return false;
  const variable = env?.['PYTHONUNBUFFERED'];
  return (
    interpreter.includes('-u') || !!(variable === undefined ? process.env['PYTHONUNBUFFERED'] : variable)
  );
}

/** A few samples of a program that is not paused are torn. */
const doubtfulPercent = 20;

/**
 * py-spy (0.4): `record --pid`, because it kills what it starts itself, and ended by SIGINT, because it writes nothing
 * after any other signal. Of its formats only the Chrome trace says when; in it the last active stack would stay open
 * while the program idles, hence `--idle`.
 */
export const pySpy = outsideEngine({
  name: 'py-spy',
  partName: /^profile-py-spy\.json$/,
  sampler: {
    commandLine: (target, pid) => [
      ...target.tool,
      'record',
      ...['--pid', String(pid), '--output', join(target.runDir, resultName), '--format', 'chrometrace'],
      ...['--rate', String(target.rateHz), '--full-filenames', '--idle', '--threads'],
      ...(target.options.children ? ['--subprocesses'] : []),
      ...(target.options.native ? ['--native'] : mayNotPause(target) ? ['--nonblocking'] : []),
      ...(target.options.words ?? []),
      // We end it in time ourselves; this is for the case that we are gone by then.
      ...(target.attach?.durationSeconds ? ['--duration', String(target.attach.durationSeconds)] : []),
    ],
    hasBegun: (_runDir, said) => /Sampling process/.test(said),
    stopSignal: 'SIGINT',
    doubtIn(said) {
      const [, samples, errors] = /Samples: (\d+) Errors: (\d+)/.exec(said) ?? [];
      const percent = (100 * Number(errors)) / (Number(samples) + Number(errors));
      if (!(percent >= doubtfulPercent)) return undefined;
      return `py-spy could not read ${Math.round(percent)} % of its samples and drew the stacks before them on, as when a program becomes another one (os.exec…); use another engine for it.`;
    },
    reasonIn: said => /^(?:Error|Reason): .+$/m.exec(said)?.[0].replace(/^\w+: /, ''),
  },
});
