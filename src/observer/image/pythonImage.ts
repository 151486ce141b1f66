/** Finds CPython in a process: its file (the executable or `libpython`), where that lies, and which version it is. */
import { readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { readDebugOffsets } from '../layout/debugOffsets';
import type { Layout } from '../layout/layout';
import { tabledLayout } from '../layout/offsetTables';
import type { TargetMemory } from '../memory/targetMemory';
import { ElfFile } from './elfFile';
import { type FileMapping, readFileMappings } from './memoryMap';

const pageBytes = 4096;
const sharedLibrary = /^libpython3(\.\d+)?[a-z]*\.so/;
/** The name of the library's folder, which every build holds. */
const folderText = /python3\.(9|1\d)/;

/** CPython in a process. */
export interface PythonImage {
  /** Address of `_PyRuntime`. */
  readonly runtime: number;
  /** As `3.12.1`; empty when the file does not tell. */
  readonly version: string;
  readonly isFreeThreaded: boolean;
  /** Undefined for a version that cannot be read. */
  readonly layout: Layout | undefined;
}

/** Undefined when the process is no CPython. Throws Node's error when the process may not be looked at. */
export function findPythonImage(memory: TargetMemory): PythonImage | undefined {
  const mappings = readFileMappings(memory.pid);
  for (const path of candidatePaths(memory.pid, mappings)) {
    const facts = fileFacts(memory.pid, path, mappings);
    const bias = facts && biasOf(mappings, path, facts);
    if (facts === undefined || bias === undefined) continue;
    return describe(memory, facts, bias);
  }
  return undefined;
}

function describe(memory: TargetMemory, facts: FileFacts, bias: number): PythonImage {
  const runtime = facts.runtime + bias;
  const described = readDebugOffsets(memory, runtime);
  if (described) return { runtime, ...described };
  const version = facts.versionAt === 0 ? facts.versionText : readVersion(memory, facts.versionAt + bias);
  const layout = tabledLayout(Number(version.split('.')[1] ?? 0));
  return { runtime, version, isFreeThreaded: false, layout };
}

/** `Py_Version`, since 3.11: major, minor and patch version in the three highest bytes of a 32-bit number. */
function readVersion(memory: TargetMemory, address: number): string {
  const value = memory.pointer(address);
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff].join('.');
}

/** What must be added to a file's own addresses to get those in the process; undefined when it is not loaded. */
export function loadBias(mappings: readonly FileMapping[], path: string, file: ElfFile): number | undefined {
  const load = loadOf(file);
  return load && biasOf(mappings, path, load);
}

function biasOf(mappings: readonly FileMapping[], path: string, load: LoadPlace): number | undefined {
  const start = mappings.find(one => one.path === path && one.fileOffset === load.loadOffset)?.start;
  return start === undefined ? undefined : start - load.loadAddress;
}

function loadOf({ firstLoad }: ElfFile): LoadPlace | undefined {
  return (
    firstLoad && { loadOffset: wholePages(firstLoad.fileOffset), loadAddress: wholePages(firstLoad.address) }
  );
}

/** The files that may hold Python. A shared library is more likely than the executable, which then only calls it. */
export function candidatePaths(pid: number, mappings: readonly FileMapping[]): string[] {
  const paths = [...new Set(mappings.map(({ path }) => path))];
  const executable = executableOf(pid);
  const libraries = paths.filter(path => sharedLibrary.test(basename(path)));
  return executable === undefined ? libraries : [...libraries, executable];
}

/** The path of a process's executable, as the process sees it; undefined when it may not be read. */
export function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** Where the first segment stands in the file and by its own count in memory, in whole pages. */
interface LoadPlace {
  readonly loadOffset: number;
  readonly loadAddress: number;
}

/** What a file says, whichever process has loaded it. */
interface FileFacts extends LoadPlace {
  readonly runtime: number;
  /** Address of `Py_Version`; 0 before 3.11, where only texts tell. */
  readonly versionAt: number;
  readonly versionText: string;
}

const knownFiles = new Map<string, FileFacts | undefined>();

function fileFacts(pid: number, path: string, mappings: readonly FileMapping[]): FileFacts | undefined {
  const file = openablePath(pid, path, mappings);
  if (file === undefined) return undefined;
  const { dev, ino, mtimeMs } = statSync(file);
  const key = `${dev} ${ino} ${mtimeMs}`;
  if (!knownFiles.has(key)) knownFiles.set(key, readFileFacts(file));
  return knownFiles.get(key);
}

/**
 * Through the process's own root, which may be another; where that is a folder of ours (chroot), the kernel tells paths
 * from our root. A deleted executable can still be opened by its link.
 */
export function openablePath(
  pid: number,
  path: string,
  mappings: readonly FileMapping[],
): string | undefined {
  const inRoot = `/proc/${pid}/root${path}`;
  if (statSync(inRoot, { throwIfNoEntry: false })?.isFile()) return inRoot;
  const inode = mappings.find(one => one.path === path)?.inode;
  if (inode !== undefined && statSync(path, { throwIfNoEntry: false })?.ino === inode) return path;
  return path === executableOf(pid) ? `/proc/${pid}/exe` : undefined;
}

function readFileFacts(path: string): FileFacts | undefined {
  const file = ElfFile.open(path);
  try {
    const runtime = file?.symbol('_PyRuntime') ?? file?.section('.PyRuntime');
    const load = file && loadOf(file);
    if (file === undefined || runtime === undefined || load === undefined) return undefined;
    const versionAt = file.symbol('Py_Version') ?? 0;
    return {
      runtime,
      versionAt,
      versionText: versionAt === 0 ? versionTextOf(file) : '',
      ...load,
    };
  } finally {
    file?.close();
  }
}

/** Linkers let a text share the end of another, so the version need not stand alone; its end is a zero all the same. */
function versionTextOf(file: ElfFile): string {
  const minor = file.findText(folderText);
  return minor === undefined
    ? ''
    : (file.findText(new RegExp(`(3\\.${minor}\\.\\d+)[a-z0-9]*\\+?\\0`)) ?? `3.${minor}`);
}

function wholePages(offset: number): number {
  return offset - (offset % pageBytes);
}
