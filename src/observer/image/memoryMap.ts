import { readFileSync } from 'node:fs';

/** A stretch of a process's address space that is backed by a file. */
export interface FileMapping {
  readonly start: number;
  readonly end: number;
  readonly fileOffset: number;
  readonly path: string;
  readonly inode: number;
}

const line = /^([0-9a-f]+)-([0-9a-f]+) \S+ ([0-9a-f]+) \S+ (\d+) +(\/.*)$/;
const deleted = / \(deleted\)$/;

/** The mappings of files in `/proc/PID/maps` (proc(5)), in order of address. Throws Node's error. */
export function readFileMappings(pid: number): FileMapping[] {
  return parseFileMappings(readFileSync(`/proc/${pid}/maps`, 'utf8'));
}

/** The same from the file's text. Paths are as the process sees them, without the kernel's note of deletion. */
export function parseFileMappings(text: string): FileMapping[] {
  const mappings: FileMapping[] = [];
  for (const row of text.split('\n')) {
    const found = line.exec(row);
    if (found === null || found[4] === '0') continue;
    const [start = 0, end = 0, fileOffset = 0] = found.slice(1, 4).map(digits => Number.parseInt(digits, 16));
    const path = unescaped(found[5] ?? '').replace(deleted, '');
    mappings.push({ start, end, fileOffset, path, inode: Number(found[4]) });
  }
  return mappings;
}

/** The kernel writes a line feed in a path as `\012`. */
function unescaped(path: string): string {
  return path.replaceAll('\\012', '\n');
}
