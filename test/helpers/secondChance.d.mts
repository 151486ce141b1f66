export interface FileResult {
  readonly code: number;
  readonly tap: string;
}

export const mostRepeatedFiles: number;

export function runWithSecondChance(
  files: readonly string[],
  runFile: (file: string) => Promise<FileResult>,
  options?: { readonly concurrency?: number },
): Promise<FileResult>;
