import { join } from 'node:path';
import { outsideEngine } from './outsideEngine';

const resultName = 'profile-py-spy.json';

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
      ...(target.options.native ? ['--native'] : []),
      ...(target.options.words ?? []),
      // We end it in time ourselves; this is for the case that we are gone by then.
      ...(target.attach?.durationSeconds ? ['--duration', String(target.attach.durationSeconds)] : []),
    ],
    hasBegun: (_runDir, said) => /Sampling process/.test(said),
    stopSignal: 'SIGINT',
    reasonIn: said => /^(?:Error|Reason): .+$/m.exec(said)?.[0].replace(/^\w+: /, ''),
  },
});
