/**
 * Austin's binary files (MOJO versions 1 to 4): events without a length, one byte of code each.
 *
 *     MOJ version { metadata | string | frame | stack [task] { frame reference | … } { metric } }
 *
 * Facts: the writer's constants in P403n1x87/austin (src/mojo.h) and files written by Austin 4.0.0.
 */
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { say } from '../../strings';
import { DamagedBytes } from '../bytes/byteReader';
import type { ByteSource } from '../bytes/byteSource';
import { ByteStream, RangePieces } from '../bytes/byteStream';
import type { Format, ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndShow } from '../preview';
import { MojoSamples, type MojoValue, mojoValues } from './mojoSamples';
import { frameReference } from './mojoStack';
import { type MojoKey, MojoTables } from './mojoTables';

export const mojo: Format = {
  name: 'Austin MOJO',
  detect: ({ bytes }) =>
    bytes[0] === 0x4d && bytes[1] === 0x4f && bytes[2] === 0x4a && isVersion(bytes[3] ?? 0, bytes[4] ?? 1),
  parse: parseMojo,
};

/** Versions are small, and the first event is metadata, a stack or a definition. */
function isVersion(version: number, firstEvent: number): boolean {
  return version >= 1 && version < 0x40 && firstEvent >= 1 && firstEvent < 0x20;
}

const maxTextBytes = 16 * 1024;
const eventsPerLook = 4096;

async function parseMojo(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const facts = new Map<string, string>();
  const tables = new MojoTables(builder);
  const samples = new MojoSamples(builder, tables, context.valueType);
  const info = () => infoOf(facts, builder, { samples, hasColumns: tables.hasColumns });
  for (const part of parts) {
    samples.beginPart();
    tables.beginPart();
    const events = new MojoEvents(part, { tables, samples, facts });
    for (let isMore = true; isMore; ) {
      isMore = events.readSome(eventsPerLook);
      await pauseAndShow(context, builder, info, events.share * 0.9);
    }
    samples.endPart();
    problems.push(...events.problems);
  }
  if (tables.lostCount > 0) {
    const message = say('lostReferences', tables.lostCount);
    problems.push({ message, part: parts[0]?.name ?? '', offset: -1 });
  }
  const known = info();
  const finish = { info: known, endNs: known.startNs + known.durationNs };
  return { profile: await builder.finish(finish, context.slicer), problems };
}

/** Where the events of a file go. */
interface MojoTarget {
  readonly tables: MojoTables;
  readonly samples: MojoSamples;
  readonly facts: Map<string, string>;
}

class MojoEvents {
  readonly problems: Problem[] = [];
  private readonly stream: ByteStream;
  private version = 0;
  private eventOffset = 0;

  constructor(
    private readonly part: ByteSource,
    private readonly target: MojoTarget,
  ) {
    this.stream = new ByteStream(new RangePieces(part));
  }

  get share(): number {
    return this.stream.share;
  }

  /** Reads that many events; false when nothing more can be read. */
  readSome(count: number): boolean {
    try {
      if (this.stream.offset === 0) this.header();
      for (let i = 0; i < count; i++) {
        if (this.stream.isAtEnd()) return false;
        this.eventOffset = this.stream.offset;
        if (!this.event(this.stream.u8())) return false;
      }
      return true;
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error;
      // What was begun is not whole.
      this.target.samples.dropOpen();
      this.complain(say('cutOffAt'));
      return false;
    }
  }

  private header(): void {
    this.stream.skip(3);
    this.version = this.number();
  }

  private complain(message: string): void {
    this.problems.push({ message, part: this.part.name, offset: this.eventOffset });
  }

  /** False for an event that is not known: nothing tells where the next one begins. */
  private event(code: number): boolean {
    const { samples } = this.target;
    if (code === frameReference) samples.frame(this.key());
    else if (code === 2) this.stack();
    else if (code === 3) this.frameDefinition();
    else if (code === 9) samples.time(this.number());
    else if (code === 10) samples.memory(this.number());
    else if (code === 11) this.target.tables.string(this.key(), this.text());
    else if (code === 1) this.target.facts.set(this.text(), this.text());
    else if (code === 4) samples.special('<invalid>');
    else if (code === 6) samples.special(this.text());
    else if (code === 7) samples.special('<GC>');
    else if (code === 8) samples.idle();
    else if (code === 12) this.key();
    else if (code === 13) samples.repeat();
    else if (code === 14) this.task();
    else if (code === 15) [this.key(), this.key()];
    else {
      this.complain(say('unknownEvent', code));
      return false;
    }
    return true;
  }

  private stack(): void {
    const pid = this.number();
    const interpreter = this.version >= 3 ? this.number() : 0;
    this.target.tables.setPid(pid);
    this.target.samples.stack(pid, interpreter, this.text());
    this.stream.advance(this.target.samples.takeOver);
  }

  private task(): void {
    this.target.samples.task(this.key(), this.key());
    this.stream.advance(this.target.samples.takeOver);
  }

  private frameDefinition(): void {
    const [key, file, scope, line] = [this.key(), this.key(), this.key(), this.number()];
    const place =
      this.version >= 2
        ? { line, endLine: this.number(), column: this.number(), endColumn: this.number() }
        : { line, endLine: 0, column: 0, endColumn: 0 };
    this.target.tables.frame(key, { file, scope, ...place });
  }

  /** Six value bits, a sign and a mark in the first byte; seven value bits in each further one. */
  private number(): number {
    const first = this.stream.u8();
    let value = first & 0x3f;
    let byte = first;
    for (let scale = 64; byte >= 0x80; scale *= 128) {
      if (scale > 2 ** 64) throw new DamagedBytes('a number is too long');
      byte = this.stream.u8();
      value += (byte & 0x7f) * scale;
    }
    return (first & 0x40) === 0 ? value : -value;
  }

  /** A key of up to 64 bits: a double where it is exact, else the digits. */
  private key(): MojoKey {
    let byte = this.stream.u8();
    let value = byte & 0x3f;
    let scale = 64;
    for (; byte >= 0x80 && scale < 2 ** 48; scale *= 128) {
      byte = this.stream.u8();
      value += (byte & 0x7f) * scale;
    }
    if (byte < 0x80 && value <= Number.MAX_SAFE_INTEGER) return value;
    let large = BigInt(value);
    for (let shift = 48n; byte >= 0x80; shift += 7n) {
      if (shift > 64n) throw new DamagedBytes('a number is too long');
      byte = this.stream.u8();
      large += BigInt(byte & 0x7f) << shift;
    }
    return large;
  }

  private text(): string {
    return this.stream.zeroEnded(maxTextBytes);
  }
}

/** What the samples add to the facts in the file. */
interface MojoResult {
  readonly samples: MojoSamples;
  readonly hasColumns: boolean;
}

function infoOf(
  facts: ReadonlyMap<string, string>,
  builder: ProfileBuilder,
  { samples, hasColumns }: MojoResult,
): ProfileInfo {
  const value: MojoValue = samples.value;
  const intervalUs = Number(facts.get('interval') ?? 0);
  const mode = facts.get('mode') ?? '';
  const isTime = value === 'time';
  const present = samples.presentValues;
  return profileInfo({
    format: 'Austin MOJO',
    engine: 'austin',
    engineVersion: facts.get('austin') ?? '',
    python: facts.get('python') ?? '',
    durationNs: isTime ? samples.endNs : builder.aggregateTotal,
    hasTimeAxis: isTime,
    lineMeaning: 'executing',
    hasColumns,
    hasCpu: isTime && mode === 'full',
    rateHzAsked: intervalUs > 0 ? 1e6 / intervalUs : 0,
    unit: mojoValues[value],
    valueTypes: present.length > 1 ? present.map(name => ({ name, unit: mojoValues[name] })) : [],
    valueType: present.length > 1 ? present.indexOf(value) : 0,
    limits: limitsOf(mode, isTime),
  });
}

function limitsOf(mode: string, isTime: boolean): string[] {
  if (!isTime) return [say('memoryWithoutTime')];
  return mode === 'cpu' ? [say('onlyCpuSampled')] : [];
}
