import { formatCount, formatShare, formatValue } from '../../../shared/formatting';
import { fillerStyle, laneStyle, shadeCount, styleOf } from '../../../shared/framePalette';
import type { Profile } from '../../../shared/profile';
import { boxFlag } from '../../../shared/views';
import { type FlameLayout, flameLayout } from '../../analyze/flameLayout';
import { say } from '../../strings';
import { functionPlace } from '../functionFacts';
import { plainText, xmlText } from './inertText';
import { type ExportSource, laneTitles } from './source';
import { svgScript } from './svgScript';
import { svgCss, svgPatterns, svgStyles } from './svgStyle';

const page = { width: 1200, margin: 10, top: 62, rowHeight: 18, charWidth: 6.95 } as const;
const chartWidth = page.width - 2 * page.margin;
/** Narrower boxes are merged into fillers, as flamegraph.pl leaves them out. */
const leastWidthPx = 0.1;
/** Deeper rows are left out: a picture of a runaway recursion would be too tall for any viewer. */
const mostRows = 1000;

/**
 * The left-heavy flame graph of all threads as a picture of its own: callers above callees, the heaviest first, in the
 * panel's colours. Readable without the script that adds zoom and search.
 */
export function* svgFile({ profile, name }: ExportSource): Generator<string> {
  const layout = layoutOf(profile);
  const rowCount = Math.min(layout.rowCount, mostRows);
  const notes = notesOf(profile, layout);
  const notesTop = page.top + rowCount * page.rowHeight;
  const height = Math.max(notesTop + notes.length * 16, page.top) + 18;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<svg xmlns="http://www.w3.org/2000/svg" width="${page.width}" height="${height}" viewBox="0 0 ${page.width} ${height}" data-left="${page.margin}" data-width="${chartWidth}" data-char="${page.charWidth}">\n`;
  yield `<title>${xmlText(name)}</title>\n<style>${svgCss()}</style>\n<defs>`;
  yield* svgPatterns();
  yield `</defs>\n<rect class="ground" width="100%" height="100%" fill="#ffffff"/>\n`;
  yield* header(profile, name, layout);
  const titles = laneTitles(profile);
  for (let box = 0; box < layout.boxes.length; box++) {
    if ((layout.boxes.row[box] ?? 0) < rowCount) yield boxElement({ profile, layout, titles }, box);
  }
  for (const [index, note] of notes.entries()) {
    yield `<text class="ink small" x="${page.margin}" y="${notesTop + 16 + index * 16}">${xmlText(note)}</text>\n`;
  }
  yield `<script><![CDATA[${svgScript}]]></script>\n</svg>\n`;
}

function layoutOf(profile: Profile): FlameLayout {
  let totalNs = 0;
  for (const { kind, firstSample, sampleCount } of profile.lanes) {
    if (kind !== 'thread') continue;
    for (let i = firstSample; i < firstSample + sampleCount; i++) totalNs += profile.samples.weightNs[i] ?? 0;
  }
  return flameLayout(profile, {
    kind: 'flame',
    order: 'leftHeavy',
    lane: -1,
    rangeStartNs: 0,
    rangeEndNs: 0,
    minWidthNs: (totalNs * leastWidthPx) / chartWidth,
    windowStartNs: 0,
    windowEndNs: 0,
    ownCodeOnly: false,
  });
}

function* header({ info }: Profile, name: string, layout: FlameLayout): Generator<string> {
  const facts = [formatValue(info.hasTimeAxis ? info.durationNs : layout.totalNs, info.unit), info.engine];
  yield `<text class="ink head" x="${page.margin}" y="26">${xmlText(cut(plainText(name), 90))}</text>\n`;
  yield `<text class="ink small" x="${page.margin}" y="46">${xmlText(facts.join(' · '))}</text>\n`;
  yield `<g class="controls" display="none"><text class="ink small found" x="880" y="26" text-anchor="end"></text>`;
  yield `<text class="ink small back" x="880" y="46" text-anchor="end" visibility="hidden" tabindex="0" role="button">${xmlText(say('svgReset'))}</text>`;
  yield `<foreignObject x="890" y="12" width="300" height="26"><input xmlns="http://www.w3.org/1999/xhtml" type="search" placeholder="${xmlText(say('svgSearch'))}" aria-label="${xmlText(say('svgSearch'))}"/></foreignObject></g>\n`;
}

/** What the picture does not show. */
function notesOf({ lanes, info }: Profile, layout: FlameLayout): string[] {
  const taskCount = lanes.filter(lane => lane.kind === 'task').length;
  return [
    ...(layout.boxes.length === 0 ? [say('reportNothing')] : []),
    ...(taskCount > 0 ? [say('svgTasks', formatCount(taskCount))] : []),
    ...(layout.rowCount > mostRows ? [say('svgDeep', formatCount(mostRows))] : []),
    ...info.limits,
  ];
}

interface Picture {
  readonly profile: Profile;
  readonly layout: FlameLayout;
  readonly titles: readonly string[];
}

function boxElement(picture: Picture, box: number): string {
  const { boxes, totalNs } = picture.layout;
  const scale = totalNs > 0 ? chartWidth / totalNs : 0;
  const x = page.margin + (boxes.startNs[box] ?? 0) * scale;
  const width = Math.max(leastWidthPx, ((boxes.endNs[box] ?? 0) - (boxes.startNs[box] ?? 0)) * scale);
  const y = page.top + (boxes.row[box] ?? 0) * page.rowHeight;
  const style = styleNumber(picture, box);
  const name = plainText(boxName(picture, box)) || '?';
  const label = fitted(name, width);
  const text =
    label === ''
      ? ''
      : `<text class="t${style}" x="${(x + 3).toFixed(2)}" y="${y + 12.5}">${xmlText(label)}</text>`;
  return `<g class="box"><title>${xmlText(name)}${tooltip(picture, box)}</title><rect class="f${style}" x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${page.rowHeight - 1}" rx="1"/>${text}</g>\n`;
}

function styleNumber({ profile, layout: { boxes } }: Picture, box: number): number {
  const flags = boxes.flags[box] ?? 0;
  if ((flags & boxFlag.hidden) !== 0) return fillerStyle;
  if ((flags & boxFlag.lane) !== 0) return laneStyle;
  const func = boxes.func[box] ?? 0;
  const kind = profile.functions.kind[func] ?? 0;
  const isWaiting = (flags & boxFlag.waiting) !== 0;
  const style = styleOf({ kind, shade: (func * 7) % shadeCount, isWaiting, isFaded: false });
  return svgStyles.includes(style) ? style : laneStyle;
}

function boxName({ profile, layout: { boxes }, titles }: Picture, box: number): string {
  const flags = boxes.flags[box] ?? 0;
  if ((flags & boxFlag.hidden) !== 0) return say('moreLanes', formatCount(boxes.sampleCount[box] ?? 0));
  if ((flags & boxFlag.lane) !== 0) return titles[boxes.lane[box] ?? 0] ?? '';
  const { name, place } = functionPlace(profile, boxes.func[box] ?? 0);
  return place === '' ? name : `${name} (${place})`;
}

/** The lines below the name: escaped, since places and words are text too. */
function tooltip({ profile: { info }, layout }: Picture, box: number): string {
  const { boxes, scaleNs } = layout;
  const value = (amount: number): string => formatValue(amount, info.unit);
  const totalNs = (boxes.endNs[box] ?? 0) - (boxes.startNs[box] ?? 0);
  const lines = [`${say('lensTotal', value(totalNs))}, ${formatShare(totalNs / scaleNs)}`];
  if (((boxes.flags[box] ?? 0) & boxFlag.hidden) === 0) {
    lines.push(say('lensSelf', value(boxes.selfNs[box] ?? 0)));
    const waitNs = boxes.waitNs[box] ?? 0;
    if (waitNs > 0) lines.push(`${say('rowWait')}: ${value(waitNs)}`);
    if (info.hasCpu) lines.push(`CPU: ${formatValue(boxes.cpuNs[box] ?? 0, 'nanoseconds')}`);
    if (!info.isTraced && info.unit === 'nanoseconds') {
      lines.push(say('lensSamples', formatCount(boxes.sampleCount[box] ?? 0)));
    }
  }
  return lines.map(line => `\n${xmlText(line)}`).join('');
}

/** As much of a name as a box has room for; wide characters take two places. */
function fitted(text: string, widthPx: number): string {
  return cut(text, Math.floor((widthPx - 6) / page.charWidth));
}

function cut(text: string, room: number): string {
  const cells = (character: string): number => ((character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1);
  let [used, end] = [0, 0];
  let isCut = false;
  for (const character of text) {
    used += cells(character);
    isCut = used > room;
    if (isCut) break;
    if (used <= room - 1) end += character.length;
  }
  if (!isCut) return text;
  return room < 3 ? '' : `${text.slice(0, end)}…`;
}
