/**
 * cProfile's result files: a marshalled dict (file, line, name) → (primitive calls, calls, own seconds, cumulative
 * seconds, callers), where callers maps the same key → (calls, primitive calls, own, cumulative): the first two are
 * swapped there, and the old `profile` module stores a plain call count instead.
 */
import type { CallTable, ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { GrowingFloat64, GrowingInt32 } from '../../columns/growingColumn';
import { say } from '../../strings';
import { DamagedBytes } from '../bytes/byteReader';
import { type ByteSource, wholeOf } from '../bytes/byteSource';
import type { Format, ParseContext } from '../format';
import { isInjected } from '../model/functionKind';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { type MarshalDict, type MarshalValue, readMarshal } from './marshal';
import { sampledProfile } from './sampledStats';

export const pstats: Format = {
  name: 'pstats',
  // A dict whose first key is a tuple (small or large, perhaps to be referred to), or an empty one.
  detect: ({ bytes }) =>
    (bytes[0] ?? 0) % 0x80 === 0x7b && [0x28, 0x29, 0x30].includes((bytes[1] ?? 0) % 0x80),
  parse: parsePstats,
};

async function parsePstats(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const calls = new CallCollector(builder);
  const problems: Problem[] = [];
  const facts: Record<string, unknown>[] = [];
  const sampled: Stat[] = [];
  let isSampled = false;
  for (const part of parts) {
    try {
      const value = readMarshal(wholeOf(part));
      const stats = statsOf(value);
      isSampled ||= hasSampledMark(value);
      if (hasSampledMark(value)) sampled.push(...stats);
      else calls.add(stats);
    } catch (error) {
      if (!(error instanceof DamagedBytes)) throw error;
      problems.push({ message: `${say('notPstats')} (${error.message})`, part: part.name, offset: 0 });
    }
    const sidecar = context.sidecar(part.name);
    if (typeof sidecar === 'object' && sidecar !== null) facts.push(sidecar as Record<string, unknown>);
  }
  // Samples and calls cannot be added up: the parts of one run are all of one kind.
  if (isSampled) return sampledProfile(sampled, problems, context);
  const unreliable = facts.map(fact => text(fact['unreliableReason'])).find(reason => reason !== '') ?? '';
  const table = calls.finish(unreliable);
  if (unreliable !== '') problems.push({ message: unreliable, part: parts[0]?.name ?? '', offset: -1 });
  const info = infoOf(facts, calls.totalSelfNs);
  const profile = await builder.finish(
    { info, calls: table, endNs: info.startNs + info.durationNs },
    context.slicer,
  );
  return { profile, problems };
}

/** One function's line in a pstats file. Times in seconds. */
interface Stat {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly primitiveCallCount: number;
  readonly callCount: number;
  readonly selfSeconds: number;
  readonly totalSeconds: number;
  readonly callers: readonly Caller[];
}

interface Caller {
  readonly key: FunctionKey;
  readonly callCount: number;
  readonly selfSeconds: number;
  readonly totalSeconds: number;
}

type FunctionKey = readonly [file: string, line: number, name: string];

function statsOf(value: MarshalValue): Stat[] {
  if (!isDict(value)) throw new DamagedBytes('not a dict');
  return value.entries.flatMap(([key, stat]) => {
    const place = functionKey(key);
    // The mark of Tachyon's files is no function.
    if (place === undefined) return [];
    return [statOf(place, stat)];
  });
}

/** Tachyon's pstats files carry a key that cProfile never writes: ('__sampled__',). */
function hasSampledMark(value: MarshalValue): boolean {
  if (!isDict(value)) return false;
  return value.entries.some(([key]) => Array.isArray(key) && key.length === 1 && key[0] === '__sampled__');
}

function statOf([file, line, name]: FunctionKey, value: MarshalValue): Stat {
  if (!Array.isArray(value) || value.length < 4) throw new DamagedBytes('a function has no numbers');
  const [primitiveCallCount, callCount, selfSeconds, totalSeconds, callers] = value as MarshalValue[];
  return {
    file,
    line,
    name,
    primitiveCallCount: number(primitiveCallCount),
    callCount: number(callCount),
    selfSeconds: number(selfSeconds),
    totalSeconds: number(totalSeconds),
    callers: isDict(callers ?? null) ? (callers as MarshalDict).entries.flatMap(callerOf) : [],
  };
}

function callerOf([key, value]: readonly [MarshalValue, MarshalValue]): Caller[] {
  const place = functionKey(key);
  if (place === undefined) return [];
  if (typeof value === 'number') return [{ key: place, callCount: value, selfSeconds: 0, totalSeconds: 0 }];
  if (!Array.isArray(value)) throw new DamagedBytes('a caller has no numbers');
  const [callCount, , selfSeconds, totalSeconds] = value as MarshalValue[];
  return [
    {
      key: place,
      callCount: number(callCount),
      selfSeconds: number(selfSeconds),
      totalSeconds: number(totalSeconds),
    },
  ];
}

function functionKey(key: MarshalValue): FunctionKey | undefined {
  if (!Array.isArray(key) || key.length !== 3) return undefined;
  const [file, line, name] = key as MarshalValue[];
  return typeof file === 'string' && typeof name === 'string' ? [file, number(line), name] : undefined;
}

function isDict(value: MarshalValue): value is MarshalDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts and times. Damage makes them neither negative nor so large that sums overflow. */
function number(value: MarshalValue | undefined): number {
  if (typeof value !== 'number' || Number.isNaN(value)) return 0;
  return Math.min(Math.max(0, value), Number.MAX_SAFE_INTEGER);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Sums calls by function and by edge over several files. Our own launcher's frames are left out. */
class CallCollector {
  totalSelfNs = 0;
  private readonly byFunction: { calls: number; primitive: number; selfNs: number; totalNs: number }[] = [];
  private readonly edges = {
    caller: new GrowingInt32(),
    callee: new GrowingInt32(),
    callCount: new GrowingFloat64(),
    selfNs: new GrowingFloat64(),
    totalNs: new GrowingFloat64(),
  };

  constructor(private readonly builder: ProfileBuilder) {}

  add(stats: readonly Stat[]): void {
    for (const stat of stats) {
      if (isInjected(stat.file)) continue;
      const func = this.builder.func(stat.name, stat.file, stat.line);
      const row = this.rowOf(func);
      row.calls += stat.callCount;
      row.primitive += stat.primitiveCallCount;
      row.selfNs += stat.selfSeconds * 1e9;
      row.totalNs += stat.totalSeconds * 1e9;
      this.totalSelfNs += stat.selfSeconds * 1e9;
      for (const caller of stat.callers) this.addEdge(func, caller);
    }
  }

  private rowOf(func: number): { calls: number; primitive: number; selfNs: number; totalNs: number } {
    const known = this.byFunction[func];
    if (known) return known;
    const row = { calls: 0, primitive: 0, selfNs: 0, totalNs: 0 };
    this.byFunction[func] = row;
    return row;
  }

  private addEdge(callee: number, caller: Caller): void {
    const [file, line, name] = caller.key;
    if (isInjected(file)) return;
    this.edges.caller.push(this.builder.func(name, file, line));
    this.edges.callee.push(callee);
    this.edges.callCount.push(caller.callCount);
    this.edges.selfNs.push(caller.selfSeconds * 1e9);
    this.edges.totalNs.push(caller.totalSeconds * 1e9);
  }

  finish(unreliableReason: string): CallTable {
    const rows = Array.from({ length: this.builder.functionCount }, (_, func) => this.rowOf(func));
    const { caller, callee, callCount, selfNs, totalNs } = this.edges;
    return {
      callCount: Float64Array.from(rows, row => row.calls),
      primitiveCallCount: Float64Array.from(rows, row => row.primitive),
      selfNs: Float64Array.from(rows, row => row.selfNs),
      totalNs: Float64Array.from(rows, row => row.totalNs),
      edges: {
        length: caller.length,
        caller: caller.toArray(),
        callee: callee.toArray(),
        callCount: callCount.toArray(),
        selfNs: selfNs.toArray(),
        totalNs: totalNs.toArray(),
      },
      unreliableReason,
    };
  }
}

function infoOf(facts: readonly Record<string, unknown>[], totalSelfNs: number): ProfileInfo {
  const numbers = (key: string) => facts.map(fact => fact[key]).filter(value => typeof value === 'number');
  const startNs = Math.min(...numbers('startMonotonicNs'));
  const endNs = Math.max(...numbers('endMonotonicNs'));
  const isKnown = Number.isFinite(startNs) && endNs > startNs;
  return profileInfo({
    format: 'pstats',
    engine: 'cprofile',
    startNs: isKnown ? startNs : 0,
    startEpochNs: numbers('epochNs')[0] ?? 0,
    durationNs: isKnown ? endNs - startNs : totalSelfNs,
    lineMeaning: 'definition',
    python: text(facts[0]?.['python']),
    isTraced: true,
  });
}
