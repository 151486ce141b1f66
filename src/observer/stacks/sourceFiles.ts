import { type BigIntStats, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { RecordWriter } from '../stream/recordWriter';

/** The source files of a process: each gets a record when its first function is met. */
export class SourceFiles {
  private readonly known = new Set<string>();

  /** `cwd` makes relative names absolute: they were relative to it when imported. */
  constructor(
    private readonly pid: number,
    private readonly cwd: string,
    private readonly records: RecordWriter,
  ) {}

  /** The string id of a file's path. */
  string(name: string): number {
    const path = isAbsolute(name) || name.startsWith('<') ? name : join(this.cwd, name);
    const id = this.records.string(path);
    if (this.known.has(path)) return id;
    this.known.add(path);
    const facts = this.stat(path);
    const modifiedNs = facts?.isFile() ? Number(facts.mtimeNs) : 0;
    this.records.add('file', id, modifiedNs, facts?.isFile() ? Number(facts.size) : 0);
    return id;
  }

  /** The process may live in another root. */
  private stat(path: string): BigIntStats | undefined {
    try {
      return statSync(`/proc/${this.pid}/root${path}`, { bigint: true, throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }
}
