import type { Hover } from 'vscode-languageserver';
import type { LineTiming } from '../../shared/api';
import { commands } from '../../shared/contributions';
import { formatCount, formatShare } from '../../shared/formatting';
import { inert } from '../../shared/inertText';
import { lineNsByLane } from '../analyze/lineTimes';
import { type Neighbour, neighbours } from '../analyze/neighbours';
import { say } from '../strings';
import { callsText } from './amounts';
import { allLineTimings, type DocumentQuery } from './documentTimings';
import { functionAtLine } from './functionAt';
import { functionNumbers, functionPlace } from './functionFacts';
import { gapsAtHand } from './gapsOf';
import { gapGroup } from './gapsView';
import { gapsOfLine } from './lineGaps';
import { lspLine } from './positions';
import { systemsOfLine } from './systemsOf';
import { systemView } from './systemTexts';
import { waitWord } from './waitWords';

const maxNeighbours = 3;
const maxLanes = 4;
const maxGaps = 2;

/** What the numbers of a 1-based present line mean, or undefined where nothing was measured. */
export function hover(query: DocumentQuery, line: number): Hover | undefined {
  const timing = allLineTimings(query).find(candidate => candidate.line === line);
  if (timing === undefined) return undefined;
  const func = functionAtLine(query, line);
  const parts = [
    sentences(query, timing, func),
    gapSentences(query, line),
    systemSentences(query, line),
    table(query, timing),
    links(query, func),
  ];
  const value = parts.filter(part => part !== '').join('\n\n');
  const length = (query.view.presentLines[line - 1] ?? '').length;
  const range = {
    start: { line: lspLine(line), character: 0 },
    end: { line: lspLine(line), character: length },
  };
  return { contents: { kind: 'markdown', value }, range };
}

function sentences(query: DocumentQuery, timing: LineTiming, func: number | undefined): string {
  const { totalNs, waitNs, share } = timing;
  const scale = escapeMarkdown(query.scaleLabel);
  const first =
    timing.isDefinition && func !== undefined
      ? calledSentence(query, timing, func)
      : say('hoverLine', query.measurement.text(totalNs), formatShare(share), scale);
  const all = [first];
  if (waitNs * 20 >= totalNs) all.push(waitSentence(query, timing));
  else if (!timing.isDefinition && timing.cpuNs !== null) all.push(say('hoverComputing'));
  if (timing.isStale) all.push(say('hoverStale'));
  return all.join(' ');
}

/** What the line's gaps were, whom they delayed and what to do. */
function gapSentences({ open, view }: DocumentQuery, line: number): string {
  const recorded = view.map.toRecorded(line) ?? line;
  return gapsOfLine(open, view.file, recorded)
    .slice(0, maxGaps)
    .map(facts => {
      const { title, sentence, fix } = gapGroup(open, facts);
      return say('hoverGap', escapeMarkdown(title), escapeMarkdown(sentence), escapeMarkdown(fix)).trim();
    })
    .join('\n\n');
}

/** What the system did with the line's calls: times, queues, bytes, and what helps beyond the gaps' advice. */
function systemSentences({ open, view }: DocumentQuery, line: number): string {
  if (gapsAtHand(open) === undefined) return '';
  const recorded = view.map.toRecorded(line) ?? line;
  const system = systemView(systemsOfLine(open, view.file, recorded));
  if (system === null) return '';
  const advised = new Set(gapsOfLine(open, view.file, recorded).map(facts => gapGroup(open, facts).fix));
  const fixes = system.fixes.filter(fix => !advised.has(fix));
  return [...system.facts, ...fixes].map(escapeMarkdown).join(' ');
}

function calledSentence(query: DocumentQuery, timing: LineTiming, func: number): string {
  const { profile } = query.measurement;
  const { callCount } = functionNumbers(query.measurement, func);
  const { name } = functionPlace(profile, func);
  const facts = [
    escapeCode(name),
    query.measurement.text(timing.totalNs),
    formatShare(timing.share),
  ] as const;
  const scale = escapeMarkdown(query.scaleLabel);
  if (callCount === 1) return say('hoverOneCall', ...facts, scale);
  if (Number.isNaN(callCount)) return say('hoverDefinition', ...facts, scale);
  return say('hoverFunction', ...facts, scale, formatCount(callCount));
}

function waitSentence(query: DocumentQuery, timing: LineTiming): string {
  if (timing.waitKind === 'contention') return say('hoverContention', query.measurement.text(timing.waitNs));
  const isGuessed = !query.measurement.profile.info.hasCpu && timing.waitKind !== 'await';
  const key = isGuessed ? 'hoverWaitingGuessed' : 'hoverWaiting';
  return say(key, query.measurement.text(timing.waitNs), waitWord(timing.waitKind));
}

function table(query: DocumentQuery, timing: LineTiming): string {
  const { measurement } = query;
  const share = (ns: number) => formatShare(measurement.share(ns));
  const rows: string[][] = [];
  const addTime = (label: string, ns: number) => rows.push([label, measurement.text(ns), share(ns)]);
  addTime(
    say(measurement.profile.info.hasTimeAxis || measurement.profile.calls ? 'rowTotal' : 'rowAmount'),
    timing.totalNs,
  );
  addTime(say(timing.isDefinition ? 'rowSelfFunction' : 'rowSelf'), timing.selfNs);
  if (timing.cpuNs !== null) rows.push([say('rowCpu'), measurement.text(timing.cpuNs), '']);
  if (timing.waitNs > 0) addTime(`${say('rowWait')} (${waitWord(timing.waitKind)})`, timing.waitNs);
  if (timing.sampleCount > 0) {
    const samples = say('samplesError', formatCount(timing.sampleCount), formatShare(timing.shareError));
    rows.push([say('rowSamples'), samples, '']);
  }
  if (!timing.isDefinition) rows.push(...laneRows(query, timing));
  const head = [say('columnWhat'), say('columnTime'), say('columnShare')];
  const lines = [head, ['---', '---:', '---:'], ...rows].map(cells => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

/** The line's time by thread and task, when more than one ran it. Their sum may be more than the wall clock. */
function laneRows(query: DocumentQuery, timing: LineTiming): string[][] {
  const { measurement } = query;
  const { profile } = measurement;
  const recorded = query.view.map.toRecorded(timing.line) ?? timing.line;
  const { items } = measurement.lines;
  const item = (items.byFile.get(query.view.file) ?? []).find(
    candidate => items.line[candidate] === recorded,
  );
  if (item === undefined) return [];
  const laneNs = lineNsByLane(profile, measurement.subset, item);
  const lanes = measurement.subset.lanes
    .map((lane, position) => ({ lane, ns: laneNs[position] ?? 0 }))
    .filter(row => row.ns > 0)
    .sort((a, b) => b.ns - a.ns);
  if (lanes.length < 2) return [];
  const rows = lanes.slice(0, maxLanes).map(({ lane, ns }) => {
    const name = escapeMarkdown(profile.lanes[lane]?.name ?? '');
    return [`↳ ${name}`, measurement.text(ns), formatShare(measurement.share(ns))];
  });
  const rest = lanes.slice(maxLanes);
  if (rest.length > 0) rows.push([`↳ ${say('moreLanes', rest.length)}`, '', '']);
  return rows;
}

function links(query: DocumentQuery, func: number | undefined): string {
  if (func === undefined) return '';
  const { measurement, open } = query;
  const { subset, times } = measurement;
  const found = neighbours(measurement.profile, func, { subset, times });
  const paragraphs = [
    neighbourList(query, say('rowCallers'), found.callers),
    neighbourList(query, say('rowCallees'), found.callees),
    `[${say('hoverReveal')}](${revealLink(open.run.id, func)})`,
  ];
  return paragraphs.filter(paragraph => paragraph !== '').join('\n\n');
}

function neighbourList(query: DocumentQuery, label: string, found: readonly Neighbour[]): string {
  if (found.length === 0) return '';
  const { measurement, open } = query;
  const items = found.slice(0, maxNeighbours).map(({ func, totalNs, callCount }) => {
    const { name } = functionPlace(measurement.profile, func);
    const calls = Number.isNaN(callCount) ? '' : ` (${callsText(callCount)})`;
    return `[${escapeMarkdown(name)}](${revealLink(open.run.id, func)}) ${measurement.text(totalNs)}${calls}`;
  });
  return `${label}: ${items.join(' · ')}`;
}

function revealLink(runId: string, func: number): string {
  return `command:${commands.revealInFlameGraph}?${encodeURIComponent(JSON.stringify([{ runId, func }]))}`;
}

/** Text of a profile is untrusted: nothing in it may become markup, a link or a table cell's end. */
export function escapeMarkdown(text: string): string {
  return inert(text)
    .replace(/[\\`*_{}[\]()#+\-.!|~$:]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Text inside a code span: only a backtick and a bar could end it. */
function escapeCode(text: string): string {
  return inert(text).replace(/[`|]+/g, ' ');
}
