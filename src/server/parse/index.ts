/** The formats that can be read, in the order in which they are asked. */
import type { ParseResult, Problem, Profile } from '../../shared/profile';
import { say } from '../strings';
import { chunkStream } from './chunkStream';
import type { Format, ParseContext, Part } from './format';
import { ProfileBuilder } from './profileBuilder';
import { pstats } from './pstats';

export const formats: readonly Format[] = [chunkStream, pstats];

/** The format of a file by its first bytes, or undefined. */
export function detectFormat(part: Part): Format | undefined {
  return formats.find(format => format.detect(part.bytes.subarray(0, 64), part.name));
}

/**
 * Parses the parts of one run. All parts of the first format that is found are read together; parts in no known
 * format become problems. Without any readable part the profile is empty.
 */
export async function parseParts(parts: readonly Part[], context: ParseContext): Promise<ParseResult> {
  const problems: Problem[] = [];
  const byFormat = new Map<Format, Part[]>();
  for (const part of parts) {
    const format = detectFormat(part);
    if (format === undefined) {
      problems.push({ message: say('unknownFormat', part.name), part: part.name, offset: 0 });
    } else {
      byFormat.set(format, [...(byFormat.get(format) ?? []), part]);
    }
  }
  const format = formats.find(candidate => byFormat.has(candidate));
  if (format === undefined) return { profile: await emptyProfile(context), problems };
  const result = await format.parse(byFormat.get(format) ?? [], context);
  return { profile: result.profile, problems: [...problems, ...result.problems] };
}

/** A profile of a run that recorded nothing. */
async function emptyProfile(context: ParseContext): Promise<Profile> {
  const info = {
    engine: '',
    engineVersion: '',
    startNs: 0,
    startEpochNs: 0,
    durationNs: 0,
    hasTimeAxis: false,
    lineMeaning: 'none',
    hasColumns: false,
    hasCpu: false,
    rateHzAsked: 0,
    rateHzReached: 0,
    python: '',
    samplerCpuNs: 0,
  } as const;
  return new ProfileBuilder(context.origins).finish({ info, endNs: 0 }, context.slicer);
}
