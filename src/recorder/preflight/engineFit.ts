import { type EngineName, engineFacts } from '../../shared/engines';
import type { Said } from '../../shared/preflight';
import type { PythonFacts } from '../pythonProbe';
import { engineTool } from './engineTools';

/** Why an engine does not go with an interpreter or an operating system, whatever is installed; undefined: it does. */
export function misfitOf(
  engine: EngineName,
  { python, platform }: { readonly python: PythonFacts; readonly platform: string },
): Said | undefined {
  const { label, minPython, maxPython, misreadPythons, onFreeThreaded, ...facts } = engineFacts(engine);
  const { version, implementation } = python;
  const minor = Number(version.split('.')[1]);
  const say = (text: Said['text'], more: Said['facts'] = {}): Said => ({
    ...{ text, facts: { engine: label, version, ...more } },
  });
  const runsHere =
    platform === 'win32' ? facts.onWindows : platform === 'darwin' ? facts.onMac : facts.onLinux;
  if (!runsHere) return say('otherSystem');
  if (implementation !== 'cpython' && engineTool(engine).kind !== 'none') {
    return say('needsCpython', { implementation });
  }
  if (minor < minPython) return say('pythonTooOldFor', { needed: `3.${minPython}` });
  if (maxPython !== undefined && minor > maxPython)
    return say('pythonTooNewFor', { newest: `3.${maxPython}` });
  if (misreadPythons.includes(minor)) return say('pythonMisread');
  return python.isFreeThreaded && !onFreeThreaded ? say('freeThreaded') : undefined;
}
