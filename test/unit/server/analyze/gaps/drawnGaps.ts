/** Drawings of lanes for tests of the gap classifier, and what it tells of them. */
import { findGaps } from '../../../../../src/server/analyze/gaps/findGaps';
import type { Gap } from '../../../../../src/server/analyze/gaps/gap';
import type { Profile } from '../../../../../src/shared/profile';
import { textProfile } from '../../../../helpers/textProfile';

export const lib = '/usr/lib/python3.12';
export const round = `_run_once[file:${lib}/asyncio/base_events.py]`;
export const step = `Handle._run[file:${lib}/asyncio/events.py]`;
export const poll = `EpollSelector.select[file:${lib}/selectors.py]`;
export const idle = ['main', round, poll];

/** One column of a drawing: how long, the CPU time used, and the stack. */
export interface Column {
  readonly ms: number;
  readonly cpu: number;
  readonly stack: readonly string[];
  readonly isSuspended?: boolean;
}

export const waits = (ms: number, ...stack: string[]): Column => ({ ms, cpu: 0, stack });
export const runs = (ms: number, ...stack: string[]): Column => ({ ms, cpu: ms, stack });
export const suspended = (ms: number, ...stack: string[]): Column => ({
  ms,
  cpu: 0,
  stack,
  isSuspended: true,
});

/** A lane as text. */
export function lane(head: string, columns: readonly Column[]): string {
  const depth = Math.max(...columns.map(({ stack }) => stack.length));
  const state = ({ ms, cpu, isSuspended }: Column) => (isSuspended ? 'susp' : cpu * 2 < ms ? 'wait' : 'run');
  const rows = Array.from({ length: depth }, (_, at) =>
    columns.map(({ stack }) => stack[at] ?? '-').join(' '),
  );
  return [
    head,
    `time ${columns.map(({ ms }) => ms).join(' ')}`,
    `cpu ${columns.map(({ cpu }) => cpu).join(' ')}`,
    `state ${columns.map(state).join(' ')}`,
    ...rows,
  ].join('\n');
}

/** The first lane, which is the main thread's. */
export const main = (...columns: Column[]): string => lane('lane MainThread', columns);

/** A pause of the garbage collector in the first lane, in milliseconds. */
export interface DrawnPause {
  readonly startMs: number;
  readonly ms: number;
}

/** The gaps of a drawing as `class role line start-end`, in milliseconds; benign ones left out. */
export async function told(
  drawing: string,
  source: readonly string[] = [],
  pauses: readonly DrawnPause[] = [],
): Promise<string[]> {
  const { profile, gaps } = await found(drawing, source, pauses);
  return gaps
    .filter(({ role }) => role !== 'benign')
    .map(gap => {
      const isBlocking = gap.isLoopBlocked && gap.gapClass !== 'loop.busy';
      const gapClass = isBlocking ? `loop.blocked(${gap.gapClass})` : gap.gapClass;
      const line = profile.frames.line[gap.victimFrame] ?? '?';
      return `${gapClass} ${gap.role} line ${line} ${gap.startNs / 1e6}-${gap.endNs / 1e6}`;
    });
}

/** Each gap of the main thread with the line of its holder, undefined when it has none. */
export async function holderLines(drawing: string, source: readonly string[]): Promise<unknown[][]> {
  const { profile, gaps } = await found(drawing, source, []);
  return gaps
    .filter(gap => gap.lane === 0)
    .map(({ gapClass, holder }) => [gapClass, holder && profile.frames.line[holder.frame]]);
}

async function found(
  drawing: string,
  source: readonly string[],
  pauses: readonly DrawnPause[],
): Promise<{ profile: Profile; gaps: readonly Gap[] }> {
  const drawn = await textProfile(drawing);
  const gcPauses = {
    length: pauses.length,
    startNs: Float64Array.from(pauses, ({ startMs }) => startMs * 1e6),
    durationNs: Float64Array.from(pauses, ({ ms }) => ms * 1e6),
    generation: new Uint8Array(pauses.length).fill(2),
    lane: new Int32Array(pauses.length),
  };
  const profile = { ...drawn, gcPauses };
  return { profile, gaps: findGaps(profile, () => source).gaps };
}
