export interface PythonReport {
  readonly code: number | null;
  readonly lastLine: string;
}

export interface PythonCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notes: readonly string[];
}

export function runPythonTests<Interpreter extends { readonly name: string }>(
  interpreters: readonly Interpreter[],
  runTests: (interpreter: Interpreter, ids: readonly string[]) => Promise<PythonReport>,
): Promise<PythonCounts>;
