import { type GapFamily, gapFamilies } from '../../src/shared/gaps';
import type { PanelStringKey } from '../../src/shared/panelMessages';
import type { HatchName } from './hatches';

/** What tells a family apart beside its colour. No two have the same hatch: nothing rests on colour alone. */
export interface FamilyLook {
  readonly word: PanelStringKey;
  readonly hatch: HatchName;
}

export const familyLooks: Readonly<Record<GapFamily, FamilyLook>> = {
  running: { word: 'familyRunning', hatch: 'fallingBands' },
  scheduler: { word: 'familyScheduler', hatch: 'level' },
  interpreter: { word: 'familyInterpreter', hatch: 'cross' },
  sync: { word: 'familySync', hatch: 'upright' },
  ipc: { word: 'familyIpc', hatch: 'risingBands' },
  io: { word: 'familyIo', hatch: 'rising' },
  child: { word: 'familyChild', hatch: 'grid' },
  timer: { word: 'familyTimer', hatch: 'dots' },
  memory: { word: 'familyMemory', hatch: 'falling' },
  async: { word: 'familyAsync', hatch: 'zigzag' },
  unknown: { word: 'familyUnknown', hatch: 'specks' },
};

/** The family behind a column's number; a number of a newer server is unknown. */
export function familyAt(index: number): GapFamily {
  return gapFamilies[index] ?? 'unknown';
}

/** The number of a family's name. */
export function familyIndex(name: string): number {
  const index = gapFamilies.indexOf(name as GapFamily);
  return index < 0 ? gapFamilies.indexOf('unknown') : index;
}
