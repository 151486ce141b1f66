import type { ReadGap } from './readGaps';

export interface ClassFigures {
  readonly id: string;
  readonly trueNs: number;
  readonly recall: number;
  readonly precision: number;
}

export class Confusion {
  readonly victim: { readonly exactNs: number; readonly judgedNs: number };
  readonly holder: { readonly exactNs: number; readonly wrongNs: number; readonly judgedNs: number };
  readonly role: { readonly exactNs: number; readonly judgedNs: number };
  add(truthRows: readonly object[], gaps: readonly ReadGap[]): void;
  classes(): ClassFigures[];
}
