import type { ChildProcessWithoutNullStreams } from 'node:child_process';

export interface Watched {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output(): string;
}

export interface AtGate extends Watched {
  readonly pid: number;
  letGo(): void;
}

export function startAtGate(
  interpreter: { readonly command: readonly string[] },
  words: readonly string[],
  runDir: string,
  environment?: Readonly<Record<string, string>>,
): Promise<AtGate>;

export function startObserver(
  bundle: string,
  pid: number,
  runDir: string,
  options?: readonly string[],
): Promise<Watched>;

export function runObserved(
  interpreter: { readonly command: readonly string[] },
  words: readonly string[],
  runDir: string,
  options: {
    readonly bundle: string;
    readonly rateHz: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<string>;

export function endingOf(runDir: string, name: string): Record<string, unknown> | undefined;

export function chunkFiles(runDir: string): string[];
