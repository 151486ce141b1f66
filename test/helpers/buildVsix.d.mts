export function buildVsix(report: (line: string) => void): string;
