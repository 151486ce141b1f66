/**
 * Chrome's trace events: what VizTracer writes, py-spy's `chrometrace`, and any other file of that kind. Calls become
 * samples of self time, so that each moment of a lane belongs to the innermost call.
 */
import type { ParseResult, Problem } from '../../../shared/profile';
import { type ServerStringKey, say } from '../../strings';
import type { ByteSource } from '../bytes/byteSource';
import type { Format, Head, ParseContext } from '../format';
import { JsonDamaged } from '../json/jsonDamaged';
import { jsonProblem } from '../json/jsonProblem';
import { pauseAndOffer } from '../preview';
import { restOfTrace } from './restOfTrace';
import type { EventReader } from './traceEvent';
import { TraceJson } from './traceJson';
import { matchMarks } from './traceMarks';
import { traceName, traceSoFar, wholeTrace } from './traceProfile';
import { TraceReader } from './traceReader';

export const chromeTrace: Format = { name: traceName, detect, parse };

/** Damaged places after which reading goes on. */
const maxDamages = 100;

function detect({ json }: Head): boolean {
  if (json === undefined) return false;
  if (json.isArray) return json.keys.has('ph') && (json.keys.has('ts') || json.keys.has('pid'));
  return json.keys.has('traceEvents') || json.keys.has('viztracer_metadata');
}

async function parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const trace = new TraceReader();
  const problems: Problem[] = [];
  for (const part of parts) problems.push(...(await readPart(trace, part, context)));
  const note = (key: ServerStringKey, count: number) => {
    if (count > 0) problems.push({ message: say(key, count), part: parts[0]?.name ?? '', offset: -1 });
  };
  note('traceStray', matchMarks(trace));
  note('traceTimeless', trace.timelessCount);
  note('traceLanes', trace.lanes.refusedCount);
  note('traceOverflow', trace.hasOverflown ? 1 : 0);
  const { profile, cutCount } = await wholeTrace(trace, context);
  note('traceCut', cutCount);
  return { profile, problems };
}

/** Reads a file to its end, also beyond places that are damaged. */
async function readPart(trace: TraceReader, part: ByteSource, context: ParseContext): Promise<Problem[]> {
  const pause = (offset: number) =>
    pauseAndOffer(context, (offset / part.size) * 0.7, slicer => traceSoFar(trace, context.origins, slicer));
  let reader: EventReader = new TraceJson(part, trace.event.names);
  const isArray = reader.isArray();
  const damages: number[] = [];
  let shift = 0;
  for (;;) {
    try {
      await trace.read(reader, offset => pause(offset + shift));
      return skipped(part, damages);
    } catch (error) {
      if (!(error instanceof JsonDamaged)) throw error;
      // The closing bracket of an array of events may be missing.
      if (isArray && error.isCutOff && !trace.isInEvent) return skipped(part, damages);
      const offset = error.offset + shift;
      const mayGoOn = !error.isCutOff && damages.length < maxDamages;
      const rest = mayGoOn ? restOfTrace(part, offset, isArray) : undefined;
      if (rest === undefined) {
        const last = jsonProblem(new JsonDamaged(offset, error.isCutOff), part.name);
        return [...skipped(part, damages), last];
      }
      damages.push(offset);
      shift = rest.shift;
      reader = new TraceJson(rest.source, trace.event.names);
    }
  }
}

function skipped(part: ByteSource, damages: readonly number[]): Problem[] {
  const [first] = damages;
  if (first === undefined) return [];
  return [{ message: say('traceDamaged', damages.length), part: part.name, offset: first }];
}
