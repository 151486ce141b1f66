import { maxProblems, type WaitKind } from '../../shared/api';
import { formatCount, formatDuration, formatShare } from '../../shared/formatting';
import { inert, inertCode } from '../../shared/inertText';
import { type FunctionKind, functionKinds } from '../../shared/profile';
import { selfRank } from '../../shared/ranking';
import type { GapGroup } from '../../shared/views';
import { innermostOwnTimes } from '../analyze/lineTimes';
import type { Measurement } from '../analyze/measurement';
import type { OpenRun } from '../loadedRun';
import { say } from '../strings';
import { callsText, wholeText } from './amounts';
import { functionNumbers, functionPlace, shortPlace } from './functionFacts';
import { gapsOf } from './gapsOf';
import { gapGroup } from './gapsView';
import { engineName, problemTexts, runNotes } from './runSummary';
import { systemRows } from './systemReport';
import { waitWord } from './waitWords';

const maxRows = 15;
const maxGapRows = 8;
const minShare = 0.005;
/** Names that somebody or some program made up may be endless. */
const maxNameLength = 120;

/** Hot lines with their source, functions, waits and notes of a run, as plain text of at most ~100 columns. */
export function textReportOf(open: OpenRun): string {
  const measurement = open.measure();
  const sections = [header(open)];
  if (measurement.profile.info.lineMeaning === 'executing') {
    const rows = lineRows(open, measurement);
    const scale = say('wholeRun', wholeText(measurement.profile.info, measurement.scaleNs));
    sections.push(section(say('reportLines', scale), hotLines(rows, measurement)));
    const waits = waitLines(rows, measurement);
    if (waits.length > 0) sections.push(section(say('reportWaits'), waits));
  }
  sections.push(section(say('reportFunctions'), functionRows(measurement)));
  const groups = shownGroups(open);
  const gaps = groups.flatMap(gapRows);
  if (gaps.length > 0) sections.push(section(say('reportGaps'), gaps));
  const systems = systemRows(open, new Set(groups.map(({ fix }) => fix)));
  if (systems.length > 0) sections.push(section(say('reportSystem'), systems));
  const notes = runNotes(open);
  if (notes.length > 0) sections.push(section(say('reportNotes'), notes));
  const problems = problemTexts(open);
  if (problems.length > 0) sections.push(section(say('reportProblems'), problems.slice(0, maxProblems)));
  return `${sections.join('\n\n')}\n`;
}

function header({ run }: OpenRun): string {
  const { manifest, profile } = run;
  const { info, samples } = profile;
  const facts = [shortened(manifest.name), wholeText(info), engineName(run)];
  if (!profile.calls && info.rateHzReached > 0)
    facts.push(say('reportSamples', formatCount(samples.length), Math.round(info.rateHzReached)));
  if (manifest.interpreter.version) facts.push(`Python ${manifest.interpreter.version}`);
  return inert(facts.join(' · '));
}

function section(title: string, rows: readonly string[]): string {
  const body = rows.length > 0 ? rows : [say('reportNothing')];
  return [title, ...body.map(row => `  ${inert(row)}`)].join('\n');
}

interface LineRow {
  readonly place: string;
  readonly text: string;
  readonly totalNs: number;
  readonly selfNs: number;
  /** Time in which this was the innermost line of the user's own code, and the waiting part of it. */
  readonly ownNs: number;
  readonly ownWaitNs: number;
  readonly wait: WaitKind;
  readonly share: number;
}

/** Lines of the user's own code above the threshold. */
function lineRows(open: OpenRun, measurement: Measurement): LineRow[] {
  const { items, total, self, waitKind } = measurement.lines;
  const { profile } = measurement;
  const isOwn = (func: number) => functionKinds[profile.functions.kind[func] ?? -1] === 'own';
  const own = innermostOwnTimes(measurement, isOwn);
  const ownFiles = new Set([...profile.functions.file].filter((_, func) => isOwn(func)));
  const rows: LineRow[] = [];
  for (let item = 0; item < items.length; item++) {
    const [file, line] = [items.file[item] ?? -1, items.line[item] ?? 0];
    const totalNs = total.totalNs[item] ?? 0;
    if (!ownFiles.has(file) || measurement.share(totalNs) < minShare) continue;
    rows.push({
      place: shortened(shortPlace(profile.strings[file] ?? '', line)),
      text: inertCode((open.recordedLines(file)[line - 1] ?? '').trim()),
      totalNs,
      selfNs: self.totalNs[item] ?? 0,
      ownNs: own.totalNs[item] ?? 0,
      ownWaitNs: own.waitNs[item] ?? 0,
      wait: waitKind(item),
      share: measurement.share(totalNs),
    });
  }
  return rows;
}

/** The lines to look at first: those that were the user's innermost for longest. */
function hotLines(rows: readonly LineRow[], measurement: Measurement): string[] {
  const sorted = [...rows].sort((a, b) => b.ownNs - a.ownNs || b.totalNs - a.totalNs).slice(0, maxRows);
  const placeWidth = Math.max(0, ...sorted.map(row => row.place.length));
  return sorted.map(row => {
    const total = measurement.text(row.totalNs).padStart(8);
    const self = measurement.text(row.selfNs).padStart(8);
    const share = formatShare(row.share).padStart(5);
    return `${share} ${total} total ${self} self  ${row.place.padEnd(placeWidth)}  ${row.text.slice(0, 60)}`.trimEnd();
  });
}

function waitLines(rows: readonly LineRow[], measurement: Measurement): string[] {
  return rows
    .filter(row => row.ownWaitNs * 2 > row.ownNs && row.ownNs > 0 && row.wait !== 'contention')
    .sort((a, b) => b.ownWaitNs - a.ownWaitNs)
    .slice(0, maxRows)
    .map(
      row =>
        `${measurement.text(row.ownWaitNs).padStart(8)}  ${waitWord(row.wait).padEnd(8)}  ${row.place}  ${row.text.slice(0, 60)}`,
    );
}

const rank = (row: { kind: FunctionKind; selfNs: number; waitNs: number }): number =>
  selfRank(row.kind === 'own', row.selfNs, row.waitNs);

function functionRows(measurement: Measurement): string[] {
  const { profile } = measurement;
  return Array.from({ length: profile.functions.length }, (_, func) => func)
    .map(func => ({ ...functionPlace(profile, func), ...functionNumbers(measurement, func) }))
    .filter(row => measurement.share(row.totalNs) >= minShare)
    .sort((a, b) => rank(b) - rank(a) || b.totalNs - a.totalNs)
    .slice(0, maxRows)
    .map(row => {
      const total = measurement.text(row.totalNs).padStart(8);
      const self = measurement.text(row.selfNs).padStart(8);
      const calls = Number.isNaN(row.callCount) ? '' : `  ${callsText(row.callCount)}`;
      const share = formatShare(measurement.share(row.totalNs)).padStart(5);
      return `${share} ${total} total ${self} self  ${shortened(row.name)}  ${shortened(row.place)}${calls}`.trimEnd();
    });
}

/** The gaps that delayed somebody. */
function shownGroups(open: OpenRun): GapGroup[] {
  return gapsOf(open)
    .groups.filter(group => group.delayNs > 0)
    .slice(0, maxGapRows)
    .map(facts => gapGroup(open, facts));
}

/** What it was, and what to do. */
function gapRows({ delayNs, count, longestNs, title, victim, sentence, fix }: GapGroup): string[] {
  const times = count > 1 ? `×${count} ${say('reportGapTimes', formatDuration(longestNs))}` : '';
  const place = victim ? shortened(victim.place) : '';
  const head = `${formatDuration(delayNs).padStart(8)}  ${title}  ${place}  ${times}`.trimEnd();
  return [head, `          ${[sentence, fix].filter(text => text !== '').join(' ')}`];
}

/** Both ends of a text that is too long for a row: what tells names apart stands at either. */
function shortened(text: string): string {
  if (text.length <= maxNameLength) return text;
  const half = maxNameLength / 2;
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}
