export function writeVizTracer(path: string, megabytes: number, seed?: number): number;
