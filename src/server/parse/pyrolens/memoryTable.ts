/**
 * What the bundled use of tracemalloc writes: lines of JSON, one for each frame when it first occurs and one for each stack
 * that holds memory. `src/collectors/FORMAT.md`, «Memory table».
 */
import type { ParseResult, Problem, ProfileInfo, ValueType } from '../../../shared/profile';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import { LineReader } from '../bytes/lineReader';
import type { Format, ParseContext } from '../format';
import { idNumber } from '../model/bounds';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndShow } from '../preview';

export const memoryTable: Format = {
  name: 'Pyrolens memory table',
  detect: ({ text }) => /^\["pyrolens memory",\s?\{/.test(text),
  parse: parseTable,
};

const valueTypes: readonly ValueType[] = [
  { name: 'bytes', unit: 'bytes' },
  { name: 'allocations', unit: 'count' },
];
/** A path has 4096 bytes at most, as many characters of six bytes each in JSON. */
const maxLineBytes = 64 * 1024;

async function parseTable(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const valueType = context.valueType === 1 ? 1 : 0;
  let facts: TableFacts = { python: '', frameLimit: 0 };
  for (const part of parts) {
    const table = new Table(builder, valueType);
    const lines = new LineReader(part, maxLineBytes);
    const info = () => infoOf(builder, valueType, facts);
    const damagedAt: number[] = [];
    while (lines.next()) {
      if (!table.add(lines.isCut ? undefined : lineValue(lines))) damagedAt.push(lines.offset);
      facts = table.facts ?? facts;
      await pauseAndShow(context, builder, info, (lines.offset / Math.max(1, part.size)) * 0.9);
    }
    const message = say('rowsUnreadable', damagedAt.length);
    if (damagedAt.length > 0) problems.push({ message, part: part.name, offset: damagedAt[0] ?? 0 });
  }
  const info = infoOf(builder, valueType, facts);
  return { profile: await builder.finish({ info, endNs: info.durationNs }, context.slicer), problems };
}

function infoOf(builder: ProfileBuilder, valueType: number, { python, frameLimit }: TableFacts): ProfileInfo {
  return profileInfo({
    format: 'Pyrolens memory table',
    engine: 'tracemalloc',
    engineVersion: python,
    python,
    durationNs: builder.aggregateTotal,
    lineMeaning: 'executing',
    unit: valueTypes[valueType]?.unit ?? 'bytes',
    isTraced: true,
    valueTypes,
    valueType,
    limits: [say('limitTracemalloc', frameLimit)],
  });
}

function lineValue({ bytes, start, end }: LineReader): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return undefined;
  }
}

interface TableFacts {
  readonly python: string;
  readonly frameLimit: number;
}

/** The lines of one process. */
class Table {
  facts: TableFacts | undefined;
  private lane = -1;
  private readonly frames: number[] = [];

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly valueType: 0 | 1,
  ) {}

  /** False for a line that says nothing that is known. */
  add(line: unknown): boolean {
    if (!Array.isArray(line)) return false;
    const [kind, ...values] = line as unknown[];
    if (kind === 'pyrolens memory') return this.addHeader(values[0]);
    if (kind === 'f') return this.addFrame(values);
    return kind === 's' && this.addStack(values);
  }

  private addHeader(header: unknown): boolean {
    if (typeof header !== 'object' || header === null) return false;
    const { pid, python, frameLimit } = header as Record<string, unknown>;
    this.facts = {
      python: typeof python === 'string' ? python : '',
      frameLimit: Number(frameLimit) || 0,
    };
    this.openLane(idNumber(Number(pid)));
    return true;
  }

  private openLane(pid: number): void {
    const lane = { kind: 'thread', parent: -1, tid: 0, name: '', isMain: true } as const;
    this.lane = this.builder.lane({ ...lane, pid });
  }

  private addFrame([name, file, line, firstLine]: readonly unknown[]): boolean {
    if (typeof name !== 'string' || typeof file !== 'string') return false;
    const func = this.builder.func(name, file, Number(firstLine));
    const place = { line: Number(line), endLine: 0, column: -1, endColumn: -1 };
    this.frames.push(this.builder.frame({ func, ...place }));
    return true;
  }

  private addStack([bytes, count, _isWhole, ...frames]: readonly unknown[]): boolean {
    const ids = frames.map(frame => this.frames[frame as number] ?? -1);
    if (typeof bytes !== 'number' || typeof count !== 'number' || ids.includes(-1)) return false;
    if (this.lane < 0) this.openLane(0);
    const leaf = ids.reduce((parent, frame) => this.builder.node(parent, frame), -1);
    this.builder.aggregate(this.lane, leaf, this.valueType === 0 ? bytes : count, Math.max(1, count));
    return true;
  }
}
