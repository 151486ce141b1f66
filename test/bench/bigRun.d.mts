/** How threads of a big run go on from look to look. */
export interface BigRunShape {
  readonly tickNs: number;
  readonly changeShare: number;
  readonly busyShare: number;
  readonly root: string;
}

export const bigRunFileCount: number;
export function bigRunFile(file: number): string;
export function writeBigRun(
  folder: string,
  sizeBytes: number,
  seed?: number,
  changes?: Partial<BigRunShape>,
): string;
