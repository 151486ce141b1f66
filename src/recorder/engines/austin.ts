import { join } from 'node:path';
import type { EngineTarget } from './engine';
import { outsideEngine } from './outsideEngine';

/** It never pauses the program, so that a few samples are torn. */
const doubtfulPercent = 20;

/**
 * Austin from 3.7 on: `--full`, because only then it tells idle from busy, with pauses of the garbage collector. From
 * version 4 on it writes MOJO only, 3.7 is asked for it. Any signal makes it complete its file, and its exit codes
 * say little: what counts is whether the file can be read. Facts: `austin --help` and runs of 3.7.0 and 4.0.0.
 */
export const austin = outsideEngine({
  name: 'austin',
  partName: /^profile-austin\.mojo$/,
  sampler: {
    commandLine: (target, pid) => [
      ...target.tool,
      ...(isBefore4(target) ? ['--binary'] : []),
      ...['--full', '--gc', '--interval', String(Math.round(1e6 / target.rateHz))],
      ...['--pid', String(pid), '--output', join(target.runDir, 'profile-austin.mojo')],
      ...(target.options.children ? ['--children'] : []),
      ...(target.options.words ?? []),
    ],
    // Both names are said in colours that part the words.
    hasBegun: (_runDir, said) => /Python.{0,12} version/.test(said),
    stopSignal: 'SIGINT',
    // The line with the cause begins with a picture of it; the lines that follow are advice.
    doubtIn(said) {
      if (/version:[^.]*3\.12\./.test(said)) {
        return 'Austin misreads Python 3.12, so lines and functions are wrong; use another engine.';
      }
      const percent = Number(/Error rate.*?\(\D*[\d;]*m?(\d+(?:\.\d+)?) ?%/.exec(said)?.[1] ?? 0);
      if (percent < doubtfulPercent) return undefined;
      return `Austin could not read ${Math.round(percent)} % of its samples: names with characters beyond Latin-1, for one, are closed to it; use another engine for them.`;
    },
    reasonIn: said => /^\p{So}\ufe0f? (.+[.!])$/mu.exec(said)?.[1],
  },
});

function isBefore4({ toolVersion }: Pick<EngineTarget, 'toolVersion'>): boolean {
  return Number.parseInt(toolVersion ?? '', 10) < 4;
}
