/**
 * Scalene's profiles: for each file the lines with their shares of the elapsed time (in Python, in native code, off
 * the CPU) and the memory they allocated. Numbers belong to lines; nobody's callers are known from them.
 */
import { type ParseResult, type Problem, sampleState, type ValueType } from '../../shared/profile';
import { say } from '../strings';
import type { ByteSource } from './bytes/byteSource';
import type { Format, ParseContext } from './format';
import { JsonKeys } from './json/jsonKeys';
import { jsonProblem } from './json/jsonProblem';
import { JsonReader } from './json/jsonReader';
import { ProfileBuilder } from './model/profileBuilder';
import { profileInfo } from './model/profileInfo';

const megabyte = 1024 * 1024;
const valueTypes: readonly ValueType[] = [
  { name: 'time', unit: 'nanoseconds' },
  { name: 'memory', unit: 'bytes' },
];

export const scalene: Format = {
  name: 'Scalene',
  detect: ({ json }) =>
    json !== undefined &&
    !json.isArray &&
    json.keys.has('alloc_samples') &&
    ['args', 'elapsed_time_sec', 'combined_stacks'].some(key => json.keys.has(key)),
  parse: parseScalene,
};

/** A line that was measured. Shares in per cent of the elapsed time. */
interface Line {
  readonly file: string;
  line: number;
  functionLine: number;
  pythonPercent: number;
  nativePercent: number;
  systemPercent: number;
  megabytes: number;
  allocations: number;
}

interface FileLines {
  readonly lines: Line[];
  /** Names of functions by the line of their definition. */
  readonly functions: Map<number, string>;
}

interface Contents {
  elapsedSeconds: number;
  readonly files: FileLines[];
}

async function parseScalene(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const contents: Contents[] = [];
  for (const part of parts) {
    const content: Contents = { elapsedSeconds: Number.NaN, files: [] };
    contents.push(content);
    try {
      readContents(new JsonReader(part), content);
    } catch (error) {
      problems.push(jsonProblem(error, part.name));
    }
    await context.slicer.pauseIfDue(0.9);
  }
  const hasMemory = contents.some(({ files }) =>
    files.some(({ lines }) => lines.some(line => line.megabytes > 0)),
  );
  const valueType = hasMemory && context.valueType === 1 ? 1 : 0;
  for (const content of contents) addLines(builder, content, valueType === 1);
  const info = profileInfo({
    format: 'Scalene',
    engine: 'scalene',
    durationNs: builder.aggregateTotal,
    lineMeaning: 'executing',
    unit: valueTypes[valueType]?.unit ?? 'nanoseconds',
    valueTypes: hasMemory ? valueTypes : [],
    valueType,
    limits: [say('limitScalene'), say('limitSums')],
  });
  return { profile: await builder.finish({ info, endNs: info.durationNs }, context.slicer), problems };
}

function addLines(builder: ProfileBuilder, { elapsedSeconds, files }: Contents, isMemory: boolean): void {
  const lane = builder.lane({ kind: 'thread', parent: -1, pid: 0, tid: 0, name: '', isMain: false });
  const native = builder.frame(placeOf(builder.func(say('scaleneNative'), '', 0), 0));
  const nsPerPercent = (Number.isNaN(elapsedSeconds) ? 1 : elapsedSeconds) * 1e7;
  for (const { lines, functions } of files) {
    for (const line of lines) {
      const name = functions.get(line.functionLine);
      const func = builder.func(name ?? '<module>', line.file, name === undefined ? 0 : line.functionLine);
      const node = builder.node(-1, builder.frame(placeOf(func, line.line)));
      if (isMemory) {
        builder.aggregate(lane, node, line.megabytes * megabyte, Math.max(1, line.allocations));
        continue;
      }
      builder.aggregate(lane, node, line.pythonPercent * nsPerPercent);
      builder.aggregate(lane, builder.node(node, native), line.nativePercent * nsPerPercent);
      if (!(line.systemPercent > 0)) continue;
      builder.aggregate(lane, node, line.systemPercent * nsPerPercent);
      builder.samples.setState(builder.samples.length - 1, sampleState.waiting);
    }
  }
}

function placeOf(func: number, line: number) {
  return { func, line, endLine: 0, column: -1, endColumn: -1 };
}

const contentKeys = new JsonKeys(['elapsed_time_sec', 'files']);
const fileKeys = new JsonKeys(['functions', 'lines']);
const lineKeys = new JsonKeys([
  'lineno',
  'start_function_line',
  'n_cpu_percent_python',
  'n_cpu_percent_c',
  'n_sys_percent',
  'n_malloc_mb',
  'n_mallocs',
  'line',
]);

function readContents(reader: JsonReader, content: Contents): void {
  reader.beginObject();
  for (let key = reader.nextKey(contentKeys); key !== JsonReader.end; key = reader.nextKey(contentKeys)) {
    if (key === 0) content.elapsedSeconds = reader.number();
    else if (key === 1 && reader.isObject()) {
      reader.beginObject();
      for (let file = reader.nextKeyText(); file !== undefined; file = reader.nextKeyText()) {
        readFile(reader, file, content.files);
      }
    } else reader.skip();
  }
}

function readFile(reader: JsonReader, file: string, files: FileLines[]): void {
  const content: FileLines = { lines: [], functions: new Map() };
  files.push(content);
  if (!reader.isObject()) {
    reader.skip();
    return;
  }
  reader.beginObject();
  for (let key = reader.nextKey(fileKeys); key !== JsonReader.end; key = reader.nextKey(fileKeys)) {
    if (key < 0 || !reader.isArray()) {
      reader.skip();
      continue;
    }
    reader.beginArray();
    while (reader.nextElement()) {
      const { line, text } = readLine(reader, file);
      // A function is written as a line whose text is its name.
      if (key === 0) content.functions.set(line.line, text);
      else if (isMeasured(line)) content.lines.push(line);
    }
  }
}

function isMeasured(line: Line): boolean {
  return line.pythonPercent > 0 || line.nativePercent > 0 || line.systemPercent > 0 || line.megabytes > 0;
}

function readLine(reader: JsonReader, file: string): { line: Line; text: string } {
  const line: Line = {
    file,
    line: 0,
    functionLine: 0,
    pythonPercent: 0,
    nativePercent: 0,
    systemPercent: 0,
    megabytes: 0,
    allocations: 0,
  };
  let text = '';
  if (!reader.isObject()) {
    reader.skip();
    return { line, text };
  }
  reader.beginObject();
  for (let key = reader.nextKey(lineKeys); key !== JsonReader.end; key = reader.nextKey(lineKeys)) {
    if (key === 0) line.line = lineNumber(reader);
    else if (key === 1) line.functionLine = lineNumber(reader);
    else if (key === 2) line.pythonPercent = reader.number(0);
    else if (key === 3) line.nativePercent = reader.number(0);
    else if (key === 4) line.systemPercent = reader.number(0);
    else if (key === 5) line.megabytes = reader.number(0);
    else if (key === 6) line.allocations = reader.number(0);
    else if (key === 7) text = reader.string();
    else reader.skip();
  }
  return { line, text };
}

function lineNumber(reader: JsonReader): number {
  const value = reader.number(0);
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 0;
}
