/** The formats that can be read, in the order in which they are asked. */
import type { ParseResult, Problem, Profile } from '../../shared/profile';
import { say } from '../strings';
import { austinText } from './austin/austinText';
import { mojo } from './austin/mojo';
import { type ByteSource, headOf } from './bytes/byteSource';
import { collapsed } from './collapsed/collapsed';
import { geckoProfile } from './firefox/geckoProfile';
import { type Format, Head, type ParseContext } from './format';
import { memrayCsv } from './memrayCsv';
import { ProfileBuilder } from './model/profileBuilder';
import { profileInfo } from './model/profileInfo';
import { perfScript } from './perf/perfScript';
import { pprof } from './pprof/pprof';
import { pstats } from './pstats/pstats';
import { pyinstrument } from './pyinstrument/pyinstrument';
import { chunkStream } from './pyrolens/chunkStream';
import { memoryTable } from './pyrolens/memoryTable';
import { scalene } from './scalene';
import { speedscope } from './speedscope/speedscope';
import { tachyonBinary } from './tachyon/tachyonBinary';
import { tachyonJsonl } from './tachyon/tachyonJsonl';
import { chromeTrace } from './trace/chromeTrace';
import { cpuProfile } from './v8/cpuProfile';

export const formats: readonly Format[] = [
  chunkStream,
  memoryTable,
  mojo,
  tachyonBinary,
  speedscope,
  chromeTrace,
  geckoProfile,
  cpuProfile,
  pyinstrument,
  scalene,
  tachyonJsonl,
  pstats,
  pprof,
  memrayCsv,
  austinText,
  perfScript,
  // Last: almost any text with numbers at its ends resembles it.
  collapsed,
];

/** The format of a file by its first bytes, or undefined. */
export function detectFormat(source: ByteSource): Format | undefined {
  const head = new Head(headOf(source), source.size);
  return formats.find(format => format.detect(head));
}

/**
 * Parses the parts of one run. All parts of the first format that is found are read together; parts in no known
 * format become problems. Without any readable part the profile is empty.
 */
export async function parseParts(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const problems: Problem[] = [];
  const byFormat = new Map<Format, ByteSource[]>();
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
function emptyProfile(context: ParseContext): Promise<Profile> {
  const finish = { info: profileInfo({ format: '' }), endNs: 0 };
  return new ProfileBuilder(context.origins).finish(finish, context.slicer);
}
