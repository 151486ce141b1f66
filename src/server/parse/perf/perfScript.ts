/**
 * The text of Linux `perf script`: a header for each sample, its frames leaf first, and an empty line. Python's perf
 * trampoline (`python -X perf`) makes Python functions visible as `py::name:file`:
 *
 *     python 29165/29166  3398.057134:    1001001 cpu-clock:
 *             7fa529644030 py::work:/app/main.py+0xb (/tmp/perf-29165.map)
 *
 * The number before the event is its period. For the clock events that is nanoseconds on the CPU; for all others
 * it counts what the event counts, and is not turned into time.
 */
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import { LineReader } from '../bytes/lineReader';
import type { Format, Head, ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndShow } from '../preview';
import { asciiOf, cutOff, isLastLineOpen, SkippedLines } from '../stackText/textLines';
import { PerfFrames } from './perfFrames';
import { isClock, type PerfHeader, perfHeader } from './perfHeader';

export const perfScript: Format = { name: 'perf script', detect, parse };

function detect({ text }: Head): boolean {
  const lines = text.split('\n', 200);
  const first = lines.findIndex(line => line.trim() !== '' && !line.startsWith('#'));
  const header = first < 0 ? undefined : perfHeader((lines[first] ?? '').trimEnd());
  if (header === undefined) return false;
  const next = lines[first + 1];
  return header.rest !== '' || next === undefined || next.trim() === '' || /^\s+[0-9a-f]+ /.test(next);
}

async function parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const reading = new PerfReading(builder, context);
  const problems: Problem[] = [];
  for (const part of parts) problems.push(...(await reading.read(part)));
  const info = reading.info();
  const endNs = info.startNs + info.durationNs;
  return { profile: await builder.finish({ info, endNs }, context.slicer), problems };
}

const longestHeader = 1024;

class PerfReading {
  private readonly frames: PerfFrames;
  private readonly events: string[] = [];
  private readonly lanes = new Map<string, number>();
  private readonly laneEndNs: number[] = [];
  private startNs = Number.POSITIVE_INFINITY;
  private endNs = 0;
  private header: PerfHeader | undefined;
  private hasPeriods = true;
  private isTimed: boolean | undefined;

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly context: ParseContext,
  ) {
    this.frames = new PerfFrames(builder);
  }

  async read(part: ByteSource): Promise<Problem[]> {
    const reader = new LineReader(part);
    const skipped = new SkippedLines();
    const isOpen = isLastLineOpen(part);
    for (let lines = 0; reader.next(); lines++) {
      if (lines % 4096 === 0) {
        const share = (reader.offset / (part.size + 1)) * 0.9;
        await pauseAndShow(this.context, this.builder, () => this.info(), share);
      }
      const { bytes, start, end } = reader;
      if (end === start) this.finishSample();
      else if (isOpen && reader.offset + end - start >= part.size) break;
      else if (this.header !== undefined && isBlank(bytes[start])) this.frames.add(bytes, start, end);
      else if (bytes[start] !== 0x23 && !this.begin(bytes, start, end)) skipped.add(reader.offset);
    }
    // An empty line ends each sample: one that is still open may lack its outermost frames.
    const isCutOff = isOpen || this.header !== undefined;
    this.header = undefined;
    this.frames.clear();
    return [...skipped.problems(part.name, 'linesSkipped'), ...(isCutOff ? [cutOff(part)] : [])];
  }

  /** Begins a sample; false when the line is no header. */
  private begin(bytes: Uint8Array, start: number, end: number): boolean {
    this.finishSample();
    if (end - start > longestHeader) return false;
    const header = perfHeader(asciiOf(bytes, start, end).trimEnd());
    if (header === undefined) return false;
    this.header = header;
    if (header.rest === '') return true;
    // No call chains were recorded: the line is all there is of the sample, and the next one follows at once.
    this.frames.addText(header.rest);
    this.finishSample();
    return true;
  }

  private finishSample(): void {
    const { header } = this;
    if (header === undefined) return;
    this.header = undefined;
    const node = this.frames.node();
    let event = this.events.indexOf(header.event);
    if (event < 0) {
      // Recordings have a handful of events; names beyond that are damage.
      if (this.events.length >= maxEvents) return;
      event = this.events.push(header.event) - 1;
    }
    if (event !== (this.context.valueType ?? 0)) return;
    const lane = this.laneOf(header);
    if (Number.isNaN(header.period)) this.hasPeriods = false;
    // Samples have one meaning, that of the first: a damaged header does not bring another.
    this.isTimed ??= isClock(header);
    if (this.isTimed) this.addTime(header, lane, node);
    else this.builder.aggregate(lane, node, Number.isNaN(header.period) ? 1 : header.period);
  }

  /**
   * Clock interrupts come a little early or late. An interval is never laid over the one before in its thread:
   * it then ends a little later than the sample was taken, and no weight is lost.
   */
  private addTime(header: PerfHeader, lane: number, node: number): void {
    if (!(header.period > 0)) return;
    const endNs = Math.max(header.timeNs, (this.laneEndNs[lane] ?? 0) + header.period);
    this.laneEndNs[lane] = endNs;
    this.startNs = Math.min(this.startNs, endNs - header.period);
    this.endNs = Math.max(this.endNs, endNs);
    const index = this.builder.samples.add(lane, node, endNs, header.period);
    this.builder.samples.setCpu(index, header.period);
  }

  private laneOf({ pid, tid, command }: PerfHeader): number {
    const key = `${pid}/${tid}`;
    const known = this.lanes.get(key);
    const draft = known === undefined ? undefined : this.builder.laneDraft(known);
    if (known !== undefined && draft !== undefined) {
      // A thread gets its name after its start.
      draft.name = command;
      return known;
    }
    const isMain = pid > 0 && pid === tid;
    const lane = this.builder.lane({ kind: 'thread', parent: -1, pid, tid, name: command, isMain });
    this.lanes.set(key, lane);
    return lane;
  }

  info(): ProfileInfo {
    const shown = Math.min(this.context.valueType ?? 0, Math.max(0, this.events.length - 1));
    const hasTimeAxis = this.endNs > 0;
    const valueTypes = this.events.map(name => ({
      name,
      unit: isClock({ event: name, period: this.hasPeriods ? 1 : Number.NaN })
        ? ('nanoseconds' as const)
        : ('count' as const),
    }));
    const limits = hasTimeAxis
      ? [say('limitPerfRunning'), say('limitPerfLines')]
      : [say('limitPerfCount', this.events[shown] ?? ''), say('limitPerfLines')];
    return profileInfo({
      format: perfScript.name,
      engine: 'perf',
      startNs: hasTimeAxis ? this.startNs : 0,
      durationNs: hasTimeAxis ? this.endNs - this.startNs : this.builder.aggregateTotal,
      hasTimeAxis,
      hasCpu: hasTimeAxis,
      unit: hasTimeAxis ? 'nanoseconds' : 'count',
      valueTypes: valueTypes.length > 1 ? valueTypes : [],
      valueType: shown,
      limits,
    });
  }
}

const maxEvents = 100;

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
