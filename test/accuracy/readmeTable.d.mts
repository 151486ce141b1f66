import type { EngineFacts } from '../../src/shared/engines';

export declare function engineTables(table: readonly EngineFacts[], measured: unknown): string;
export declare function readMeasured(): unknown;
export declare function readmeWith(tables: string): string;
