export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notes: readonly string[];
}

export function readTap(text: string): SuiteCounts;
export function secondChanceNote(test: string): string;
export function failedTests(text: string): string[];
