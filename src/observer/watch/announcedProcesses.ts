import { readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

const hooksName = /^hooks-(\d+)-[0-9a-f]+\.chunks$/;

/**
 * The processes whose light hooks have begun a file in the run folder. So those are met too that are nobody's child any
 * more (a daemon's parent ends at once), and all children where the kernel does not list them
 * (`/proc/PID/task/TID/children` exists with CONFIG_PROC_CHILDREN only).
 */
export class AnnouncedProcesses {
  private readonly known = new Set<string>();
  private changedMs = -1;

  constructor(private readonly runDir: string) {}

  /** Those that were not told before. Costs one call while no file is added to the folder. */
  newPids(): number[] {
    const changedMs = statSync(this.runDir, { throwIfNoEntry: false })?.mtimeMs ?? this.changedMs;
    if (changedMs === this.changedMs) return [];
    this.changedMs = changedMs;
    const names = readdirSync(this.runDir).filter(name => hooksName.test(name) && !this.known.has(name));
    for (const name of names) this.known.add(name);
    return names.map(pidIn).filter(pid => this.isOfRun(pid));
  }

  /** In another PID namespace the same number is another process. */
  private isOfRun(pid: number): boolean {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
      const wanted = Buffer.from(`PYROLENS_RUN_DIR=${resolve(this.runDir)}`).toString('latin1');
      return environment.includes(wanted);
    } catch {
      return false;
    }
  }
}

function pidIn(name: string): number {
  return Number(hooksName.exec(name)?.[1] ?? 0);
}
