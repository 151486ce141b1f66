/** Finds asyncio's description of its own structures in a process: a section of the file that holds the C module. */
import { basename } from 'node:path';
import { ElfFile } from './elfFile';
import { type FileMapping, readFileMappings } from './memoryMap';
import { candidatePaths, loadBias, openablePath } from './pythonImage';

/** Where the module is no part of Python's own file. */
const moduleName = /^_asyncio\.[^/]*\.so$/;
const sectionName = '.AsyncioDebug';

type Place = { readonly section: number; readonly file: ElfFile } | undefined;

export class AsyncioImage {
  /** By path: that a file has no such section stays so. */
  private readonly without = new Set<string>();

  constructor(private readonly pid: number) {}

  /** The description's address; undefined as long as the module is not loaded, and where it has none (before 3.14). */
  find(): number | undefined {
    const mappings = readFileMappings(this.pid);
    const modules = mappings.map(({ path }) => path).filter(path => moduleName.test(basename(path)));
    for (const path of new Set([...modules, ...candidatePaths(this.pid, mappings)])) {
      const place = this.without.has(path) ? undefined : this.open(path, mappings);
      if (place === undefined) this.without.add(path);
      const bias = place && loadBias(mappings, path, place.file);
      place?.file.close();
      if (place && bias !== undefined) return place.section + bias;
    }
    return undefined;
  }

  private open(path: string, mappings: readonly FileMapping[]): Place {
    const readable = openablePath(this.pid, path, mappings);
    const file = readable === undefined ? undefined : ElfFile.open(readable);
    const section = file?.section(sectionName);
    if (file && section !== undefined) return { section, file };
    file?.close();
    return undefined;
  }
}
