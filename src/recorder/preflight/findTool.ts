import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { type EngineName, engineFacts } from '../../shared/engines';
import type { Said } from '../../shared/preflight';
import type { Environment } from '../engines/engine';
import { type EngineTool, engineTool, toolFolder } from './engineTools';
import type { ReadyTool, ToolFinding, ToolPlace, ToolSearch, UnusableTool } from './toolFinding';
import { askLibrary, askModule, askProgram } from './toolVersion';

/**
 * Looks for an engine's tool in the user's environment, in our own folder, on PATH: the first that answers with a
 * version that is new enough. When none does, says what is wrong with the first one that is there.
 */
export async function findTool(engine: EngineName, search: ToolSearch): Promise<ToolFinding> {
  const tool = engineTool(engine);
  if (tool.kind === 'none' || tool.kind === 'bundled') {
    return { state: 'ready', place: 'bundled', command: [], pythonPath: undefined, version: '' };
  }
  let firstUnusable: UnusableTool | undefined;
  for (const look of looks(engine, tool, search)) {
    const finding = await look();
    if (finding?.state === 'ready') return finding;
    firstUnusable ??= finding;
  }
  return firstUnusable ?? { state: 'missing', problem: missing(engine, tool, search) };
}

/** The tool in one folder of ours, without looking elsewhere: for what has just been installed there. */
export async function findToolIn(
  folder: string,
  engine: EngineName,
  search: ToolSearch,
): Promise<ReadyTool | UnusableTool | undefined> {
  const tool = engineTool(engine);
  if (tool.kind === 'library') return askLibrary(engine, search, folder);
  if (tool.kind !== 'program') return undefined;
  for (const path of programsIn(folder, tool.program)) {
    const finding = await programAt(engine, search, path, 'toolsFolder');
    if (finding) return finding;
  }
  return undefined;
}

type Look = () => Promise<ReadyTool | UnusableTool | undefined>;

function looks(engine: EngineName, tool: EngineTool, search: ToolSearch): Look[] {
  const own = () => findToolIn(toolFolder(search.toolsDir, engine, search.python), engine, search);
  if (tool.kind === 'module') return [() => askModule(engine, search)];
  if (tool.kind === 'library') return [() => askLibrary(engine, search, undefined), own];
  if (tool.kind !== 'program') return [];
  const beside = programsIn(dirname(search.python.executable), tool.program);
  const onPath = pathFolders(search.environment).flatMap(folder => programsIn(folder, tool.program));
  const at = (place: ToolPlace) => (path: string) => () => programAt(engine, search, path, place);
  return [...beside.map(at('environment')), own, ...onPath.map(at('path'))];
}

/** Windows keeps an environment's programs in `Scripts`, other systems in `bin`; `pip --target` in `bin` on all. */
function programsIn(folder: string, program: string): string[] {
  const isWindows = process.platform === 'win32';
  const name = isWindows ? `${program}.exe` : program;
  return [folder, join(folder, isWindows ? 'Scripts' : 'bin'), join(folder, 'bin')]
    .filter((path, index, all) => all.indexOf(path) === index)
    .map(path => join(path, name));
}

function pathFolders(environment: Environment): string[] {
  return (environment['PATH'] ?? environment['Path'] ?? '').split(delimiter).filter(folder => folder !== '');
}

async function programAt(
  engine: EngineName,
  search: ToolSearch,
  path: string,
  place: ToolPlace,
): Promise<ReadyTool | UnusableTool | undefined> {
  if (!(await isThere(path))) return undefined;
  return askProgram(engine, search, { path, place });
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

function missing(engine: EngineName, tool: EngineTool, { python }: ToolSearch): Said {
  const facts = { engine: engineFacts(engine).label, python: python.executable };
  if (tool.kind === 'module') return { text: 'moduleMissing', facts };
  return { text: tool.kind === 'program' ? 'programMissing' : 'libraryMissing', facts };
}
