import type { ParseResult, Problem } from '../../../shared/profile';
import { say } from '../../strings';
import type { ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';

/** A row of a pstats file that `profiling.sampling` wrote: one executing line of one function. */
export interface SampledStat {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  /** How many samples had the line on top. */
  readonly primitiveCallCount: number;
  readonly selfSeconds: number;
}

/**
 * A profile of the samples in Tachyon's pstats files. What cProfile counts as calls are samples there, and lines are
 * executing ones; only sums are known, so each line stands alone with what it did itself.
 */
export async function sampledProfile(
  stats: readonly SampledStat[],
  problems: readonly Problem[],
  context: ParseContext,
): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const lane = builder.lane({ kind: 'thread', parent: -1, pid: 0, tid: 0, name: '', isMain: true });
  for (const { file, line, name, primitiveCallCount, selfSeconds } of stats) {
    const place = { line: Math.max(line, 0), endLine: Math.max(line, 0), column: -1, endColumn: -1 };
    const frame = builder.frame({ func: builder.func(name, file, 0), ...place });
    builder.aggregate(lane, builder.node(-1, frame), selfSeconds * 1e9, primitiveCallCount);
  }
  const samples = stats.reduce((sum, stat) => sum + stat.primitiveCallCount, 0);
  const seconds = stats.reduce((sum, stat) => sum + stat.selfSeconds, 0);
  const info = profileInfo({
    format: 'Tachyon pstats',
    engine: 'tachyon',
    durationNs: builder.aggregateTotal,
    lineMeaning: 'executing',
    rateHzAsked: seconds > 0 ? Math.round(samples / seconds) : 0,
    limits: [say('statsOfSamples')],
  });
  return { profile: await builder.finish({ info, endNs: info.durationNs }, context.slicer), problems };
}
