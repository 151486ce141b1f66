/**
 * JSON lines of CPython's `profiling.sampling`, version 0 (3.15.0) and 1 (later): tables of strings and frames, then the
 * samples of each frame as a sum. There are no stacks, so every frame stands alone with what it did itself.
 */
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import { LineReader } from '../bytes/lineReader';
import type { Format, ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndShow } from '../preview';

export const tachyonJsonl: Format = {
  name: 'Tachyon JSON lines',
  detect: ({ json }) =>
    json?.texts.get('type') === 'meta' && json.texts.has('run_id') && json.keys.has('v') && !json.isArray,
  parse: parseJsonl,
};

/** The writer puts 256 entries into a line. */
const maxLineBytes = 8 * 1024 * 1024;

async function parseJsonl(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const runs = new Map<string, Run>();
  const info = () => infoOf([...runs.values()], builder);
  for (const part of parts) {
    const lines = new LineReader(part, maxLineBytes);
    let damagedAt = -1;
    while (lines.next()) {
      const record = lines.isCut ? undefined : recordOf(lines);
      if (record === undefined && lines.end > lines.start && damagedAt < 0) damagedAt = lines.offset;
      if (record !== undefined) runOf(record, runs, builder).add(record);
      const share = (lines.offset / Math.max(part.size, 1)) * 0.9;
      await pauseAndShow(context, builder, info, share);
    }
    const isEnded = [...runs.values()].every(run => run.isEnded);
    if (!isEnded) problems.push({ message: say('cutOffAt'), part: part.name, offset: part.size });
    else if (damagedAt >= 0) problems.push({ message: say('damagedAt'), part: part.name, offset: damagedAt });
  }
  const finish = { info: info(), endNs: builder.aggregateTotal };
  return { profile: await builder.finish(finish, context.slicer), problems };
}

function infoOf(runs: readonly Run[], builder: ProfileBuilder): ProfileInfo {
  const intervalNs = runs[0]?.intervalNs ?? 0;
  return profileInfo({
    format: 'Tachyon JSON lines',
    engine: 'tachyon',
    durationNs: builder.aggregateTotal,
    lineMeaning: 'executing',
    hasColumns: runs.some(run => run.hasColumns),
    rateHzAsked: intervalNs > 0 ? 1e9 / intervalNs : 0,
    unit: intervalNs > 0 ? 'nanoseconds' : 'count',
    limits: [say('totalsWithoutStacks')],
  });
}

type JsonRecord = Readonly<Record<string, unknown>>;

function recordOf({ bytes, start, end }: LineReader): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Files of several runs may be joined: each line names its run. */
function runOf(record: JsonRecord, runs: Map<string, Run>, builder: ProfileBuilder): Run {
  const id = String(record['run_id']);
  let run = runs.get(id);
  if (run === undefined) {
    run = new Run(builder, runs.size === 0);
    runs.set(id, run);
  }
  return run;
}

class Run {
  intervalNs = 0;
  hasColumns = false;
  isEnded = false;
  private readonly strings = new Map<number, string>();
  private readonly nodes = new Map<number, number>();
  private readonly lane: number;

  constructor(
    private readonly builder: ProfileBuilder,
    isFirst: boolean,
  ) {
    const lane = { kind: 'thread', parent: -1, pid: 0, tid: 0, name: '' } as const;
    this.lane = builder.lane({ ...lane, isMain: isFirst });
  }

  add(record: JsonRecord): void {
    const { type } = record;
    if (type === 'meta') this.intervalNs = Math.max(number(record['sample_interval_usec'], 0), 0) * 1000;
    // Version 1 calls both tables' entries «defs».
    else if (type === 'string_table' || type === 'str_def') {
      for (const entry of entriesOf(record, ['strings', 'defs'])) this.addString(entry);
    } else if (type === 'frame_table' || type === 'frame_def') {
      for (const entry of entriesOf(record, ['frames', 'defs'])) this.addFrame(entry);
    } else if (type === 'agg' && record['kind'] === 'frame') {
      for (const entry of entriesOf(record, ['entries'])) this.addTotal(entry);
    } else if (type === 'end') this.isEnded = true;
  }

  private addString(entry: JsonRecord): void {
    const text = entry['value'];
    if (typeof text === 'string') this.strings.set(number(entry['str_id'], -1), text);
  }

  private addFrame(entry: JsonRecord): void {
    const name = this.strings.get(number(entry['func_str_id'], -1)) ?? '<lost>';
    const file = this.strings.get(number(entry['path_str_id'], -1)) ?? '';
    const line = Math.max(number(entry['line'], 0), 0);
    const [column, endColumn] = [number(entry['col'], -1), number(entry['end_col'], -1)];
    this.hasColumns ||= column >= 0;
    const frame = this.builder.frame({
      func: this.builder.func(name, file, 0),
      line,
      endLine: Math.max(number(entry['end_line'], line), line),
      column,
      endColumn,
    });
    this.nodes.set(number(entry['frame_id'], -1), this.builder.node(-1, frame));
  }

  private addTotal(entry: JsonRecord): void {
    const samples = number(entry['self'], 0);
    const node = this.nodes.get(number(entry['frame_id'], -1)) ?? -1;
    this.builder.aggregate(this.lane, node, samples * (this.intervalNs || 1), samples);
  }
}

function entriesOf(record: JsonRecord, keys: readonly string[]): readonly JsonRecord[] {
  const list = keys.map(key => record[key]).find(Array.isArray);
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : otherwise;
}
