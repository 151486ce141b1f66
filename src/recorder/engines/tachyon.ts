import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { outsideEngine } from './outsideEngine';

const partName = /^profile-tachyon(?:_\d+){1,2}\.bin$/;
/** It makes its file, then finds its way into the program, and says nothing of either. */
const settleMs = 100;

/**
 * `profiling.sampling` of CPython 3.15, run by the program's own interpreter because both must be the same version. It
 * attaches: its `run` loses the exit code and ends the program. Only SIGINT makes it write, and each child's profiler
 * wants its own. A file's name ends in its process; one with a header of zeros is of a profiler that was killed.
 */
export const tachyon = outsideEngine({
  name: 'tachyon',
  partName,
  sampler: {
    commandLine: ({ interpreter, options, rateHz, runDir }, pid) => [
      // Isolated: the program's environment must not lend it another module of that name.
      ...[...interpreter, '-I', '-m', 'profiling.sampling', 'attach'],
      ...['--all-threads', '--binary', '--compression', 'none', '--sampling-rate', String(rateHz)],
      ...['--output', join(runDir, `profile-tachyon_${pid}.bin`)],
      ...(options.native ? ['--native'] : []),
      ...(options.children ? ['--subprocesses'] : []),
      ...(options.words ?? []),
      String(pid),
    ],
    hasBegun(runDir) {
      const file = readdirSync(runDir).find(name => partName.test(name));
      return file !== undefined && Date.now() - statSync(join(runDir, file)).birthtimeMs > settleMs;
    },
    stopSignal: 'SIGINT',
    reasonIn: said => /^(?:Failed to .+|.*No module named .+|\w*Error: .+)$/m.exec(said)?.[0],
  },
});
