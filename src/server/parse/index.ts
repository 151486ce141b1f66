/** The formats that can be read, in the order in which they are asked. */
import type { ParseResult, Problem, Profile } from '../../shared/profile';
import { say } from '../strings';
import { austinText } from './austinText';
import { type ByteSource, headOf } from './byteSource';
import { chromeTrace } from './chromeTrace';
import { chunkStream } from './chunkStream';
import { collapsed } from './collapsed';
import { cpuProfile } from './cpuProfile';
import { type Format, Head, type ParseContext } from './format';
import { geckoProfile } from './geckoProfile';
import { memrayCsv } from './memrayCsv';
import { mojo } from './mojo';
import { perfScript } from './perfScript';
import { pprof } from './pprof';
import { ProfileBuilder } from './profileBuilder';
import { profileInfo } from './profileInfo';
import { pstats } from './pstats';
import { pyinstrument } from './pyinstrument';
import { scalene } from './scalene';
import { speedscope } from './speedscope';
import { tachyonBinary } from './tachyonBinary';
import { tachyonJsonl } from './tachyonJsonl';

export const formats: readonly Format[] = [
  chunkStream,
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
