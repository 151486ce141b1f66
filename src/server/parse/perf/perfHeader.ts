/** The line that begins a sample in perf's text. */
export interface PerfHeader {
  readonly command: string;
  /** 0 where the file names only threads. */
  readonly pid: number;
  readonly tid: number;
  readonly timeNs: number;
  /** NaN where the file has none. */
  readonly period: number;
  readonly event: string;
  /** What stands behind the event: the only frame, where no call chains were recorded. */
  readonly rest: string;
}

const shape =
  /^ *(\S.*?) +(\d{1,10})(?:\/(\d{1,10}))? +(?:\[\d+\] +)?(?:[.\w-]{4,8} +)?(\d{1,12})\.(\d{1,9}): +(?:(\d{1,15}) +)?(\S+):(?: +(.*))?$/;

/**
 * Reads «command pid/tid [cpu] time: period event:» in the fields that perf prints by default; process, processor and
 * period may be missing. Undefined when the line is something else.
 */
export function perfHeader(line: string): PerfHeader | undefined {
  const match = shape.exec(line);
  if (match === null) return undefined;
  const [, command = '', first = '', second, seconds = '', fraction = '', period, event = '', rest = ''] =
    match;
  return {
    command,
    pid: second === undefined ? 0 : Number(first),
    tid: Number(second ?? first),
    timeNs: Number(seconds) * 1e9 + Number(fraction.padEnd(9, '0')),
    period: period === undefined ? Number.NaN : Number(period),
    event,
    rest: rest.trim(),
  };
}

/** True for events whose period is time on the CPU in nanoseconds. Modifiers («cpu-clock:u») change nothing. */
export function isClock({ event, period }: Pick<PerfHeader, 'event' | 'period'>): boolean {
  return !Number.isNaN(period) && /^(?:cpu|task)-clock(?::\w*)?$/.test(event);
}
