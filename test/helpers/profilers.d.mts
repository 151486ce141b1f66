export declare const profilerVersions: Readonly<Record<string, readonly string[]>>;
export declare function installProfilers(environment?: string, report?: (line: string) => void): string;
