import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { EngineTarget } from '../recorder/engines/engine';
import { withPythonPath } from '../recorder/engines/engine';
import { PyrolensError } from '../shared/failures';

const run = promisify(execFile);
const versionTimeoutMs = 10_000;

/** What a launch plan says of an engine's tool. */
export type NamedTool = Pick<EngineTarget, 'tool' | 'toolVersion' | 'env'>;

/**
 * The tool that the user has named: a program, or a folder with a Python package. Undefined: none is needed. Fails with
 * `fileMissing`.
 */
export async function toolAt(named: string | undefined): Promise<NamedTool> {
  if (named === undefined) return { tool: [] };
  const path = resolve(named);
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined)
    throw new PyrolensError('fileMissing', { path, advice: 'Name the tool with --tool PATH.' });
  if (!facts.isDirectory()) return { tool: [path], ...(await versionOf(path)) };
  const pythonPath = withPythonPath(process.env, path)['PYTHONPATH'];
  return { tool: [], env: { PYTHONPATH: pythonPath ?? null } };
}

/** Nothing where it does not say: newer versions are assumed then. */
async function versionOf(program: string): Promise<Pick<NamedTool, 'toolVersion'>> {
  const said = await run(program, ['--version'], { timeout: versionTimeoutMs }).catch(() => undefined);
  const version = /\d+(?:\.\d+)+/.exec(said?.stdout ?? '')?.[0];
  return version === undefined ? {} : { toolVersion: version };
}
