export function writeBigRun(folder: string, sizeBytes: number, seed?: number): string;
