import type { Browser } from 'playwright-core';

export function missingReaders(): string | undefined;
export function throughSpeedscope(browser: Browser, path: string): Promise<string>;
export function throughFirefox(path: string): {
  readonly name: string;
  readonly weightType: string;
  readonly functions: readonly { name: string; selfSamples: number; totalSamples: number }[];
}[];
