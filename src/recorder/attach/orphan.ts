import type { RunManifest } from '../../shared/manifest';
import { engineNamed } from '../engines/index';
import { findProcess } from '../processList/index';

/**
 * Ends the tool of a run whose launcher is gone: looking at a program that runs on, nobody else would, and its result
 * would never be written. A tool at a program that we started ends with that program.
 */
export async function endOrphan(runDir: string, manifest: RunManifest): Promise<void> {
  const { attached, samplerPid, programPid = 0 } = manifest;
  if (attached === undefined || samplerPid === undefined) return;
  // The number may be another process's by now: ours names the run's folder.
  const found = await findProcess(samplerPid);
  if (!found?.command.some(word => word.startsWith(runDir))) return;
  await engineNamed(manifest.engine).requestStop({ runDir, pid: programPid, samplerPid });
}
