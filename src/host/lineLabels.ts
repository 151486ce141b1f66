/**
 * What a line's numbers look like: label, tint, ruler mark. Pure, so that it can be tested without an editor.
 *
 * The scale is the same in every file and for every run: a line's share of the run's wall-clock time (or of the
 * selection). The tint grows with its logarithm: below 2.5 %, 10 %, 30 %, and above.
 */
import type { LineTiming, WaitKind } from '../shared/api';
import { formatShare, formatValue } from '../shared/formatting';
import type { ValueUnit } from '../shared/profile';

/** Lower bounds of the second to fourth heat level, as shares. */
export const heatBounds = [0.025, 0.1, 0.3] as const;

export type LineStyle = 'heat1' | 'heat2' | 'heat3' | 'heat4' | 'wait' | 'none';
export type LabelTone = 'cool' | 'hot' | 'wait' | 'stale' | 'thin';

/** U+2016, which code fonts have; the pause sign U+23F8 is a box or a colour picture on many machines. */
const pauseSign = '‖';

/** How one line is drawn. */
export interface LineLabel {
  /** 1-based, as in the profile. */
  readonly line: number;
  readonly text: string;
  readonly style: LineStyle;
  readonly tone: LabelTone;
  readonly ruler: 'hot' | 'warm' | 'wait' | 'none';
  readonly share: number;
  /** Sub-expressions to underline; empty on stale lines. */
  readonly spans: LineTiming['spans'];
}

/** Translated words of labels. */
export interface LabelWords {
  readonly editedSince: string;
  /** The line kept an event loop from running. */
  readonly blocksLoop: string;
  readonly wait: Readonly<Record<Exclude<WaitKind, 'none' | 'contention'>, string>>;
}

export const labelWordsEnglish: LabelWords = {
  editedSince: 'edited since',
  blocksLoop: 'blocks loop',
  wait: {
    sleep: 'sleep',
    lock: 'lock',
    join: 'join',
    await: 'await',
    select: 'select',
    queue: 'queue',
    process: 'process',
    io: 'I/O',
    unknown: 'waits',
  },
};

/** Below this many samples a share says little: such labels are dimmed. */
const thinSampleCount = 4;
const waitShare = 0.5;
const gapShare = 0.25;
/** A sub-expression must be this much of its line to be worth an underline. */
const spanShare = 0.25;

/** Labels of the lines at or above `threshold` (a share), in line order. */
export function labelLines(
  timings: readonly LineTiming[],
  threshold: number,
  words: LabelWords = labelWordsEnglish,
  unit: ValueUnit = 'nanoseconds',
): LineLabel[] {
  return timings
    .filter(timing => timing.share >= threshold && timing.totalNs > 0)
    .map(timing => labelLine(timing, words, unit));
}

function labelLine(timing: LineTiming, words: LabelWords, unit: ValueUnit): LineLabel {
  const { line, share } = timing;
  const duration = formatValue(timing.totalNs, unit);
  if (timing.isStale) {
    const text = `${duration} · ${words.editedSince}`;
    return { line, share, text, style: 'none', tone: 'stale', ruler: 'none', spans: [] };
  }
  const parts = [duration, formatShare(share), ...(blocksLoop(timing) ? [words.blocksLoop] : [])];
  const figures = parts.join(' · ');
  const waitKind = waitKindOf(timing);
  if (waitKind !== 'none') {
    const text = `${pauseSign} ${words.wait[waitKind]} ${figures}`;
    const ruler = share >= heatBounds[0] ? 'wait' : 'none';
    return { line, share, text, style: 'wait', tone: 'wait', ruler, spans: hotSpans(timing) };
  }
  const level = heatLevel(share);
  return {
    line,
    share,
    text: figures,
    style: `heat${level}`,
    tone: toneOf(timing, level),
    ruler: rulerOf(level),
    spans: hotSpans(timing),
  };
}

/** Blocking the loop is worth a word when it makes up a good part of the line's time. */
function blocksLoop({ gap, totalNs }: LineTiming): boolean {
  return gap?.isLoopBlocked === true && gap.totalNs >= totalNs * gapShare;
}

/** A line waits when it spent most of its time doing so. One that was kept from running wants to compute. */
function waitKindOf(timing: LineTiming): Exclude<WaitKind, 'contention'> {
  if (timing.waitKind === 'contention') return 'none';
  return timing.waitNs > timing.totalNs * waitShare ? timing.waitKind : 'none';
}

/** 1 … 4. */
export function heatLevel(share: number): 1 | 2 | 3 | 4 {
  const [second, third, fourth] = heatBounds;
  if (share >= fourth) return 4;
  if (share >= third) return 3;
  return share >= second ? 2 : 1;
}

function toneOf(timing: LineTiming, level: number): LabelTone {
  if (timing.sampleCount > 0 && timing.sampleCount < thinSampleCount) return 'thin';
  return level === 4 ? 'hot' : 'cool';
}

function rulerOf(level: number): LineLabel['ruler'] {
  if (level >= 3) return 'hot';
  return level === 2 ? 'warm' : 'none';
}

function hotSpans(timing: LineTiming): LineTiming['spans'] {
  return timing.spans.filter(span => span.totalNs >= timing.totalNs * spanShare);
}

/** The labels inside a window of lines, at most `maxCount`: the largest shares win, line order is kept. */
export function labelsInWindow(
  labels: readonly LineLabel[],
  windows: readonly { readonly firstLine: number; readonly lastLine: number }[],
  maxCount: number,
): LineLabel[] {
  const inside = labels.filter(label =>
    windows.some(({ firstLine, lastLine }) => label.line >= firstLine && label.line <= lastLine),
  );
  if (inside.length <= maxCount) return inside;
  const largest = [...inside].sort((a, b) => b.share - a.share).slice(0, maxCount);
  return largest.sort((a, b) => a.line - b.line);
}
