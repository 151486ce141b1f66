import type { ValueUnit } from '../../src/shared/profile';

export function missingGo(): string | undefined;
export function pprofTop(path: string, options: { unit: ValueUnit; type?: string }): string;
export function pprofRaw(path: string): string;
