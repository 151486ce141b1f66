/**
 * The formats that a profile can be exported to. The picker, the command line's help, file names and the checks
 * derive from this one table; the server has a writer for each (`src/server/features/export/writers.ts`).
 */
interface ExportFormatFacts {
  /** What users type and pick. */
  readonly id: string;
  /** What it is for, in the picker; English, translated by the host. */
  readonly detail: string;
  /** Of the file's name, without the leading dot. */
  readonly extension: string;
  /** What a profile must hold: stacks, or the counted calls of cProfile. */
  readonly needs: 'stacks' | 'calls';
}

/** All of them, in the order in which they are offered. */
export const exportFormats = [
  {
    id: 'speedscope',
    detail: 'for speedscope and other flame graph viewers',
    extension: 'speedscope.json',
    needs: 'stacks',
  },
  { id: 'pprof', detail: 'for pprof, Pyroscope and Parca', extension: 'pb.gz', needs: 'stacks' },
  {
    id: 'collapsed',
    detail: 'collapsed stacks, for flamegraph.pl and grep',
    extension: 'collapsed.txt',
    needs: 'stacks',
  },
  {
    id: 'chrome-trace',
    detail: 'timeline for Perfetto and chrome://tracing',
    extension: 'trace.json',
    needs: 'stacks',
  },
  {
    id: 'firefox',
    detail: 'for the Firefox Profiler, profiler.firefox.com',
    extension: 'firefox.json',
    needs: 'stacks',
  },
  { id: 'svg', detail: 'flame graph as a picture for any browser', extension: 'svg', needs: 'stacks' },
  { id: 'pstats', detail: 'for Python’s pstats module and SnakeViz', extension: 'pstats', needs: 'calls' },
] as const satisfies readonly ExportFormatFacts[];

/** The id of a format. */
export type ExportFormat = (typeof exportFormats)[number]['id'];

/** The facts of a format. */
export function exportFormatFacts(id: ExportFormat): ExportFormatFacts {
  return exportFormats.find(format => format.id === id) ?? exportFormats[0];
}

/** The format of that name, undefined when there is none: what comes from outside is checked here. */
export function exportFormatNamed(name: string): ExportFormat | undefined {
  return exportFormats.find(format => format.id === name)?.id;
}
