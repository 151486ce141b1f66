/**
 * Austin's text output (up to 3.7, and old captures without a header):
 *
 *     # mode: wall
 *
 *     P42;T0:42;/app/main.py:<module>:3;/app/main.py:work:9 10082
 *
 *     # duration: 651714
 *
 * The number is microseconds, in full mode `microseconds,idle,bytes`, in memory mode bytes. Seen in Austin's source
 * from 2.1 to 3.7; what the clock can tell stands in `austinClock.ts`.
 */
import {
  type ParseResult,
  type Problem,
  type ProfileInfo,
  sampleState,
  type ValueType,
} from '../../../shared/profile';
import { say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import { ByteStrings } from '../bytes/byteStrings';
import { LineReader } from '../bytes/lineReader';
import type { Format, Head, ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndShow } from '../preview';
import { FoldedStacks, LastStack } from '../stackText/foldedStacks';
import { austinFrame } from '../stackText/frameShapes';
import { asciiOf, cutOff, digitsOf, isLastLineOpen, lastSpace, SkippedLines } from '../stackText/textLines';
import { AustinClock } from './austinClock';

export const austinText: Format = { name: 'Austin text', detect, parse };

const semicolon = 0x3b;
const comma = 0x2c;
const hash = 0x23;
const longestHead = 80;

const firstSample = /^P\d+;T(?:-?\d+:)?(?:0x)?[0-9a-f]+(?:;[^\n]*)? -?\d+(?:,[01],-?\d+)?\r?$/im;

function detect({ text }: Head): boolean {
  const start = text.slice(0, 4096);
  return /^# (?:austin|mode|interval|memory|multiprocess|python): /.test(start)
    ? /^# (?:austin|mode): /m.test(start)
    : start.startsWith('P') && firstSample.test(text) && (firstSample.exec(text)?.index ?? 1) === 0;
}

async function parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const reading = new AustinReading(builder, context);
  const problems: Problem[] = [];
  for (const part of parts) problems.push(...(await reading.read(part)));
  const info = reading.info();
  return { profile: await builder.finish({ info, endNs: info.durationNs }, context.slicer), problems };
}

/** What a thread's lines begin with, read once for each thread. */
interface Thread {
  readonly lane: number;
  readonly clock: AustinClock;
  readonly last: LastStack;
}

const wall: ValueType = { name: 'wall', unit: 'nanoseconds' };
const cpu: ValueType = { name: 'cpu', unit: 'nanoseconds' };
const allocated: ValueType = { name: 'memory allocated', unit: 'bytes' };
const released: ValueType = { name: 'memory released', unit: 'bytes' };

/** What a line's number means, by mode. */
const valueTypes = new Map<string, readonly ValueType[]>(
  Object.entries({
    wall: [wall],
    cpu: [cpu],
    memory: [allocated, released],
    full: [wall, allocated, released],
  }),
);

class AustinReading {
  private readonly stacks: FoldedStacks;
  private readonly heads = new ByteStrings();
  private readonly threads: Thread[] = [];
  private readonly clocks = new Map<number, AustinClock>();
  private readonly facts = new Map<string, string>();
  private types: readonly ValueType[] = [wall];
  private shown: ValueType = wall;

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly context: ParseContext,
  ) {
    this.stacks = new FoldedStacks(builder, austinFrame);
  }

  async read(part: ByteSource): Promise<Problem[]> {
    const reader = new LineReader(part);
    const skipped = new SkippedLines();
    const isOpen = isLastLineOpen(part);
    this.facts.delete('duration');
    for (let lines = 0; reader.next(); lines++) {
      if (lines % 1024 === 0) {
        const share = (reader.offset / (part.size + 1)) * 0.9;
        await pauseAndShow(this.context, this.builder, () => this.info(), share);
      }
      const { bytes, start, end } = reader;
      if (isOpen && reader.offset + end - start >= part.size) break;
      if (end === start) continue;
      if (bytes[start] === hash) this.addFact(asciiOf(bytes, start, Math.min(end, start + 200)));
      else if (reader.isCut || !this.sample(bytes, start, end)) skipped.add(reader.offset);
    }
    // Austin writes the duration last, from 3.0 on; only those versions write a header too.
    const isEnded = !isOpen && (this.facts.has('duration') || !this.facts.has('austin'));
    return [...skipped.problems(part.name, 'linesSkipped'), ...(isEnded ? [] : [cutOff(part)])];
  }

  private addFact(line: string): void {
    const match = /^# ([\w ]+): (.*)$/.exec(line);
    if (match === null) return;
    const [, key = '', value = ''] = match;
    this.facts.set(key, value);
    // Samples have one meaning: a mode named behind the first of them is damage, or another part's.
    if (key === 'mode' && this.builder.samples.length === 0) this.setMode(value);
  }

  private setMode(mode: string): void {
    this.types = valueTypes.get(mode) ?? [wall];
    this.shown = this.types[this.context.valueType ?? 0] ?? this.types[0] ?? wall;
  }

  /** Reads a line; false when it is none of Austin's. */
  private sample(bytes: Uint8Array, start: number, end: number): boolean {
    const space = lastSpace(bytes, start, end);
    if (space < 0) return false;
    const metric = this.metricOf(bytes, space + 1, end);
    if (metric === undefined) return false;
    const pidEnd = indexOf(bytes, semicolon, start, space);
    const headEnd = indexOf(bytes, semicolon, pidEnd + 1, space);
    const thread = headEnd - start > longestHead ? undefined : this.threadOf(bytes, start, headEnd);
    if (thread === undefined || thread.lane < 0) return false;
    const stack = { start: Math.min(space, headEnd + 1), end: space };
    this.add(thread, metric, this.stacks.node(thread.last, bytes, stack));
    return true;
  }

  private add({ lane, clock }: Thread, { first, isIdle, memory }: Metric, node: number): void {
    const { shown } = this;
    if (shown.unit === 'bytes') {
      const bytes = this.types.length === 2 ? first : memory;
      this.builder.aggregate(lane, node, shown === allocated ? bytes : -bytes);
      return;
    }
    if (first <= 0) return;
    const index = this.builder.samples.add(lane, node, clock.tick(lane, first) * 1000, first * 1000);
    if (isIdle) this.builder.samples.setState(index, sampleState.waiting);
    else if (this.types.length === 1 && shown === wall && this.stacks.isWaiting)
      this.builder.samples.setState(index, sampleState.waiting | sampleState.guessed);
  }

  private metric: Metric = { first: 0, isIdle: false, memory: 0 };

  /** The numbers at a line's end; the object is used again for the next line. */
  private metricOf(bytes: Uint8Array, start: number, end: number): Metric | undefined {
    const { metric } = this;
    const firstEnd = indexOf(bytes, comma, start, end);
    metric.first = signedOf(bytes, start, firstEnd);
    metric.isIdle = false;
    metric.memory = 0;
    if (firstEnd < end) {
      const secondEnd = indexOf(bytes, comma, firstEnd + 1, end);
      metric.isIdle = digitsOf(bytes, firstEnd + 1, secondEnd) === 1;
      metric.memory = signedOf(bytes, secondEnd + 1, end);
      if (this.types.length === 1 && this.builder.samples.length === 0) this.setMode('full');
    }
    return Number.isNaN(metric.first) || Number.isNaN(metric.memory) ? undefined : metric;
  }

  private threadOf(bytes: Uint8Array, start: number, end: number): Thread | undefined {
    const id = this.heads.intern(bytes, start, end);
    if (id === this.threads.length) this.threads.push(this.newThread(this.heads.text(id)));
    return this.threads[id];
  }

  private newThread(head: string): Thread {
    const match = /^P(\d{1,10});T(?:-?[0-9a-f]+:)?(0x)?([0-9a-f]+)$/i.exec(head);
    const last = new LastStack();
    if (match === null) return { lane: -1, clock: new AustinClock(0), last };
    const pid = Number(match[1]);
    const id = match[3] ?? '';
    // Decimal on Unix from 3.0 on, else hexadecimal.
    const tid = match[2] === undefined && /^\d+$/.test(id) ? Number(id) : Number.parseInt(id, 16);
    const lane = this.builder.lane({ kind: 'thread', parent: -1, pid, tid, name: '', isMain: tid === pid });
    const clock = this.clocks.get(pid) ?? new AustinClock(this.nowUs());
    this.clocks.set(pid, clock);
    return { lane, clock, last };
  }

  private nowUs(): number {
    return Math.max(0, ...[...this.clocks.values()].map(clock => clock.nowUs));
  }

  info(): ProfileInfo {
    const { shown } = this;
    const hasTimeAxis = shown.unit === 'nanoseconds';
    const intervalUs = Number(this.facts.get('interval') ?? 0);
    return profileInfo({
      format: austinText.name,
      engine: 'austin',
      engineVersion: this.facts.get('austin') ?? '',
      python: this.facts.get('python') ?? '',
      durationNs: hasTimeAxis ? this.nowUs() * 1000 : this.builder.aggregateTotal,
      hasTimeAxis,
      lineMeaning: this.stacks.hasLines ? 'executing' : 'none',
      rateHzAsked: intervalUs > 0 ? 1e6 / intervalUs : 0,
      unit: shown.unit,
      valueTypes: this.types.length > 1 ? this.types : [],
      valueType: this.types.indexOf(shown),
      limits: this.limits(),
    });
  }

  private limits(): string[] {
    if (this.shown.unit === 'bytes') return [say('limitAustinMemory')];
    const limits = this.shown === cpu ? [say('limitAustinCpu')] : [];
    return this.clocks.size > 1 ? [...limits, say('limitAustinProcesses')] : limits;
  }
}

interface Metric {
  first: number;
  isIdle: boolean;
  memory: number;
}

function signedOf(bytes: Uint8Array, start: number, end: number): number {
  return bytes[start] === 0x2d ? -digitsOf(bytes, start + 1, end) : digitsOf(bytes, start, end);
}

/** Where a byte stands, or `end`. */
function indexOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== byte) at++;
  return Math.min(at, end);
}
