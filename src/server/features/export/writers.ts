import type { ExportFormat } from '../../../shared/exportFormats';
import { chromeTraceFile } from './chromeTrace';
import { collapsedFile } from './collapsed';
import { firefoxFile } from './firefox';
import { pprofFile } from './pprof';
import type { ExportSource } from './source';
import { speedscopeFile } from './speedscope';
import { svgFile } from './svg';

/** Writes a profile piece by piece; no piece grows with the profile. */
export interface ExportWriter {
  readonly pieces: (source: ExportSource) => Iterable<string | Uint8Array>;
  /** The format is kept packed by gzip. */
  readonly isGzip: boolean;
}

/** The writer of each format that is made from stacks; pstats files are copied. */
export const exportWriters: Readonly<Record<Exclude<ExportFormat, 'pstats'>, ExportWriter>> = {
  speedscope: { pieces: speedscopeFile, isGzip: false },
  pprof: { pieces: pprofFile, isGzip: true },
  collapsed: { pieces: collapsedFile, isGzip: false },
  'chrome-trace': { pieces: chromeTraceFile, isGzip: false },
  firefox: { pieces: firefoxFile, isGzip: false },
  svg: { pieces: svgFile, isGzip: false },
};
