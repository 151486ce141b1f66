import { type WaitKind, waitKinds } from '../../shared/api';
import { functionKinds, type Profile } from '../../shared/profile';
import { libraryWait } from '../waits/libraryWaits';
import { utf16Column } from './columns';

const kindNumbers: Readonly<Record<WaitKind, number>> = Object.fromEntries(
  waitKinds.map((kind, index) => [kind, index]),
) as Record<WaitKind, number>;

/** How far up from the innermost frame the reason of a wait is looked for, in standard library frames. */
const reach = 6;

/**
 * Why a thread waits whose innermost frame is `node`: the outermost telling frame of the standard library calls
 * on top of the stack («queue.get» tells more than the lock that it waits on). `unknown` when nothing tells.
 */
export function waitKindOfNode(profile: Profile, node: number): WaitKind {
  const { nodes, frames, functions, strings } = profile;
  const stdlib = functionKinds.indexOf('stdlib');
  let kind: WaitKind = 'unknown';
  for (let i = 0, at = node; i < reach && at >= 0; i++, at = nodes.parent[at] ?? -1) {
    const func = frames.func[nodes.frame[at] ?? 0] ?? 0;
    if (functions.kind[func] !== stdlib) break;
    const [file, name] = [strings[functions.file[func] ?? 0] ?? '', strings[functions.name[func] ?? 0] ?? ''];
    kind = libraryWait(file, name)?.kind ?? kind;
  }
  return kind;
}

const byCall: readonly (readonly [RegExp, WaitKind])[] = [
  [/\bawait\b|\basync\s+(?:for|with)\b/, 'await'],
  [/\bsleep\s*\(/, 'sleep'],
  [/\b(?:Popen|check_call|check_output|communicate|waitpid|system)\s*\(|\bsubprocess\.\w+\s*\(/, 'process'],
  [/\b(?:select|poll|epoll)\s*\(/, 'select'],
  [
    /\b(?:recv|recv_into|recvfrom|send|sendall|accept|connect|urlopen|read|readline|readlines|write|input)\s*\(/,
    'io',
  ],
  [/\b(?:join|result|shutdown)\s*\(/, 'join'],
  [/\b(?:get|put)\s*\(/, 'queue'],
  [/\b(?:acquire|wait|wait_for)\s*\(|\bwith\b.*lock/i, 'lock'],
];

/** Tells why a thread waits in a frame of its own code, from the recorded source; `unknown` when nothing tells. */
export type SourceWaits = (frame: number) => WaitKind;

/**
 * Looks at the expression that a frame was executing, then at its whole line. `linesOf` answers the recorded lines of
 * a file (index into the profile's strings), empty when they are unknown.
 */
export function sourceWaits(profile: Profile, linesOf: (file: number) => readonly string[]): SourceWaits {
  const { frames, functions } = profile;
  return frame => {
    const line = frames.line[frame] ?? 0;
    const text = linesOf(functions.file[frames.func[frame] ?? 0] ?? -1)[line - 1] ?? '';
    const [column, endColumn] = [frames.column[frame] ?? -1, frames.endColumn[frame] ?? -1];
    const isOneLine = frames.endLine[frame] === line && column >= 0 && endColumn > column;
    const hot = isOneLine ? text.slice(utf16Column(text, column), utf16Column(text, endColumn)) : '';
    const kind = waitKindOfSource(hot);
    return kind === 'unknown' ? waitKindOfSource(text) : kind;
  };
}

/** Why a line of source waits, by the call that is written there; `unknown` when nothing tells. */
export function waitKindOfSource(text: string): WaitKind {
  return byCall.find(([pattern]) => pattern.test(text))?.[1] ?? 'unknown';
}

/** A thread that really waits uses next to no CPU time; one that is only kept from running does. */
const contendedCpuShare = 0.1;

/** Turns `unknown` into `contention` where the same line used a fair part of its time on the CPU. */
export function contendedOr(
  kind: WaitKind,
  { cpuNs, totalNs }: { cpuNs: number; totalNs: number },
): WaitKind {
  return kind === 'unknown' && cpuNs > totalNs * contendedCpuShare ? 'contention' : kind;
}

/**
 * The kind of wait that weighs most on each item, given the waiting time by node. Suspended tasks wait at an
 * `await`; threads are judged by the frames on top of their stacks.
 */
export class WaitVotes {
  private readonly weights: Float64Array;

  constructor(private readonly itemCount: number) {
    this.weights = new Float64Array(itemCount * waitKinds.length);
  }

  /** Adds `waitNs` of a kind to an item. */
  add(item: number, kind: WaitKind, waitNs: number): void {
    const at = item * waitKinds.length + kindNumbers[kind];
    this.weights[at] = (this.weights[at] ?? 0) + waitNs;
  }

  /** The winner for an item; `none` when it never waited. Known kinds win over `unknown` from a third on. */
  winner(item: number): WaitKind {
    if (item < 0 || item >= this.itemCount) return 'none';
    const weightOf = (kind: WaitKind) => this.weights[item * waitKinds.length + kindNumbers[kind]] ?? 0;
    const known = waitKinds.filter(kind => kind !== 'unknown' && kind !== 'none');
    const best = known.reduce((a, b) => (weightOf(b) > weightOf(a) ? b : a));
    if (weightOf(best) * 2 >= weightOf('unknown') && weightOf(best) > 0) return best;
    return weightOf('unknown') > 0 ? 'unknown' : 'none';
  }
}
