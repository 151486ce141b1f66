/**
 * Collapsed stacks: one line per distinct stack, root first, then a space and a count. Three dialects are told apart
 * by what stands in the lines: py-spy's raw format (`name (file:line)`, processes and threads as pseudo frames),
 * CPython 3.15's `profiling.sampling --collapsed` (`tid:7;file:function:line`), and anything else that draws with
 * flamegraph.pl. All are sums: they have no time axis, and their unit is a count of samples.
 */
import type { ParseResult, Problem, ProfileInfo } from '../../../shared/profile';
import { say } from '../../strings';
import { type ByteSource, headOf } from '../bytes/byteSource';
import { LineReader } from '../bytes/lineReader';
import { type Format, Head, type ParseContext } from '../format';
import { ProfileBuilder } from '../model/profileBuilder';
import { profileInfo } from '../model/profileInfo';
import { pauseAndShow } from '../preview';
import { FoldedStacks } from '../stackText/foldedStacks';
import { anyFrame, colonFrame, type FrameReader, locatedFrame } from '../stackText/frameShapes';
import { asciiOf, cutOff, digitsOf, isLastLineOpen, lastSpace, SkippedLines } from '../stackText/textLines';
import { CollapsedLanes } from './collapsedLanes';

export const collapsed: Format = { name: 'collapsed stacks', detect, parse };

/** Who wrote a file of collapsed stacks. */
export type Dialect = 'pySpy' | 'tachyon' | 'plain';

const readers: Readonly<Record<Dialect, FrameReader>> = {
  pySpy: locatedFrame,
  tachyon: colonFrame,
  plain: anyFrame,
};

const sampleLine = /^.* [-+]?\d+(?:\.\d+)?$/;
const manyFrames = 20;

function detect({ bytes, size, text }: Head): boolean {
  if (bytes.includes(0) || /^\s*[{[<]["\s{[]/.test(text)) return false;
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''));
  const open = size > bytes.length ? lines.pop() : undefined;
  const told = lines.filter(line => line !== '' && !line.startsWith('#'));
  // A single stack may be deeper than the head is long.
  if (told.length === 0) return open !== undefined && open.split(';').length > manyFrames;
  const whole = told.filter(line => sampleLine.test(line));
  const hasStack = whole.some(
    line => line.includes(';') || / \(.+\) \d+$/.test(line) || line.startsWith('tid:'),
  );
  return hasStack && whole.length >= (told.length - 1) * 0.9;
}

const pySpyLine = /^(?:process \d+:"|thread \(\d+\))|(?:^|;)[^;\n]* \([^\n]*?:\d+\)(?:;| \d+\r?$)/m;

/** Who wrote the lines that a file begins with. */
export function dialectOf(head: Head): Dialect {
  if (/^\s*tid:\d+[; ]/.test(head.text)) return 'tachyon';
  return pySpyLine.test(head.text) ? 'pySpy' : 'plain';
}

async function parse(parts: readonly ByteSource[], context: ParseContext): Promise<ParseResult> {
  const builder = new ProfileBuilder(context.origins);
  const problems: Problem[] = [];
  const dialects = new Set<Dialect>();
  const found = { hasLines: false, hasFolders: false };
  for (const part of parts) {
    const dialect = dialectOf(new Head(headOf(part), part.size));
    dialects.add(dialect);
    const stacks = new FoldedStacks(builder, readers[dialect]);
    problems.push(...(await readPart(part, { builder, stacks, dialect, context })));
    found.hasLines ||= stacks.hasLines;
    found.hasFolders ||= stacks.hasFolders;
  }
  const info = infoOf([...dialects], found, builder.aggregateTotal);
  return { profile: await builder.finish({ info, endNs: info.durationNs }, context.slicer), problems };
}

interface PartReading {
  readonly builder: ProfileBuilder;
  readonly stacks: FoldedStacks;
  readonly dialect: Dialect;
  readonly context: ParseContext;
}

async function readPart(part: ByteSource, reading: PartReading): Promise<Problem[]> {
  const { builder, stacks, dialect, context } = reading;
  const reader = new LineReader(part);
  const lanes = new CollapsedLanes(builder, dialect);
  const skipped = new SkippedLines();
  const negative = new SkippedLines();
  // py-spy and Tachyon end every line: without an end the count may lack digits.
  const mustEnd = dialect !== 'plain' && isLastLineOpen(part);
  const problems: Problem[] = [];
  for (let lines = 0; reader.next(); lines++) {
    if (lines % 1024 === 0) {
      const info = () => infoOf([dialect], stacks, builder.aggregateTotal);
      await pauseAndShow(context, builder, info, (reader.offset / (part.size + 1)) * 0.9);
    }
    const { bytes, start, end } = reader;
    if (end === start || bytes[start] === 0x23) continue;
    if (mustEnd && reader.offset + end - start >= part.size) {
      problems.push(cutOff(part, reader.offset));
      break;
    }
    const space = lastSpace(bytes, start, end);
    const count = space < 0 || reader.isCut ? Number.NaN : countOf(bytes, space + 1, end);
    if (Number.isNaN(count)) skipped.add(reader.offset);
    else if (count < 0) negative.add(reader.offset);
    else {
      const from = lanes.enter(bytes, start, space);
      const node = stacks.node(lanes.last, bytes, { start: from, end: space });
      builder.aggregate(lanes.lane, node, count, count);
    }
  }
  problems.push(...skipped.problems(part.name, 'linesSkipped'));
  problems.push(...negative.problems(part.name, 'negativeSkipped'));
  return problems;
}

const longestCount = 40;

/** A count as the file spells it; fractions come from tools that scale. NaN when it is no number. */
function countOf(bytes: Uint8Array, start: number, end: number): number {
  const whole = digitsOf(bytes, start, end);
  if (!Number.isNaN(whole) || end - start > longestCount) return whole;
  const text = asciiOf(bytes, start, end);
  return /^[-+]?\d+(?:\.\d*)?(?:e[-+]?\d{1,2})?$/i.test(text) ? Number(text) : Number.NaN;
}

const engines: Readonly<Record<Dialect, string>> = {
  pySpy: 'py-spy',
  tachyon: 'profiling.sampling',
  plain: '',
};

function infoOf(
  dialects: readonly Dialect[],
  { hasLines, hasFolders }: { hasLines: boolean; hasFolders: boolean },
  total: number,
): ProfileInfo {
  const limits = [say('limitCollapsed')];
  if (hasLines && !hasFolders) limits.push(say('limitBaseNames'));
  return profileInfo({
    format: collapsed.name,
    engine: engines[dialects[0] ?? 'plain'],
    durationNs: total,
    lineMeaning: hasLines ? 'executing' : 'none',
    unit: 'count',
    limits,
  });
}
