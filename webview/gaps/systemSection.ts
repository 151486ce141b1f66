import { formatBytes } from '../../src/shared/formatting';
import type { PanelStrings } from '../../src/shared/panelMessages';
import type { GapGroup, SystemView } from '../../src/shared/views';
import { element, fill } from '../elements';
import { otherFixes } from './gapTexts';

const [widthPx, heightPx] = [240, 36];
const svgNames = 'http://www.w3.org/2000/svg';

/** What the system did with the calls at a gap's line: facts, the queue's length over time, and what else helps. */
export function systemSection(strings: PanelStrings, group: GapGroup): HTMLElement | null {
  const { system } = group;
  if (system === null) return null;
  const facts = system.facts.map(fact => element('li', { text: fact }));
  const fixes = otherFixes(group).map(fix => element('li', { text: fix }));
  const { queue } = system;
  return element('section', {
    class: 'gap-system',
    children: [
      element('h3', { text: strings.gapSystem }),
      element('ul', { children: facts }),
      queue && queue.bytes.length > 1 ? queuePicture(strings, queue) : null,
      fixes.length > 0 ? element('h3', { text: strings.gapMoreFixes }) : null,
      fixes.length > 0 ? element('ul', { children: fixes }) : null,
    ],
  });
}

/** A line through the lengths that were seen, as high as the longest. */
function queuePicture(strings: PanelStrings, queue: NonNullable<SystemView['queue']>): HTMLElement {
  const longest = queue.bytes.reduce((most, bytes) => Math.max(most, bytes), 1);
  const label = fill(strings.gapQueueLength, formatBytes(longest));
  const svg = document.createElementNS(svgNames, 'svg');
  const attributes = { viewBox: `0 0 ${widthPx} ${heightPx}`, role: 'img', 'aria-label': label };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const points = queuePoints(queue, longest).join(' ');
  svg.append(shape('polygon', `0,${heightPx} ${points} ${widthPx},${heightPx}`), shape('polyline', points));
  const picture = element('figure', { class: 'gap-queue' });
  picture.append(svg, element('figcaption', { class: 'dim', text: label }));
  return picture;
}

function shape(name: string, points: string): Element {
  const made = document.createElementNS(svgNames, name);
  made.setAttribute('points', points);
  return made;
}

/** `x,y` of each look; an empty queue lies at the bottom. */
export function queuePoints({ atNs, bytes }: NonNullable<SystemView['queue']>, longest: number): string[] {
  const [first = 0, last = 0] = [atNs[0], atNs.at(-1)];
  return bytes.map((length, at) => {
    const x = (((atNs[at] ?? 0) - first) / (last - first || 1)) * widthPx;
    const y = heightPx - (length / longest) * (heightPx - 2) - 1;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
}
