import { formatDuration } from '../../src/shared/formatting';
import { sliceStates } from '../../src/shared/views';
import { placeTooltip, type TooltipPlace } from '../canvas/placeTooltip';
import { element } from '../elements';
import { laneName } from '../frameTexts';
import { type Gap, groupOf } from './gapIndex';
import type { GapsController } from './gapsController';
import { confidenceWord, gapWord, holderText, momentText } from './gapTexts';
import type { Hovered, HoveredSlice } from './timelineHits';

/** What is known of the gap or slice under the pointer. */
export class GapTooltip {
  readonly element = element('div', { class: 'frame-tooltip', attributes: { 'aria-hidden': 'true' } });
  private shown = '';

  constructor(private readonly controller: GapsController) {
    this.element.hidden = true;
  }

  /** Shows the facts near the pointer. */
  show(hovered: Hovered, place: TooltipPlace): void {
    const key = keyOf(hovered);
    if (key !== this.shown) {
      const parts = hovered.kind === 'gap' ? this.gapParts(hovered.gap) : this.sliceParts(hovered);
      this.element.replaceChildren(...parts.filter(part => part !== null));
      this.shown = key;
    }
    this.element.hidden = false;
    placeTooltip(this.element, place);
  }

  hide(): void {
    this.element.hidden = true;
    this.shown = '';
  }

  private gapParts(gap: Gap): (HTMLElement | null)[] {
    const { strings, gaps } = this.controller.state;
    const group = gaps ? groupOf(gaps, gap) : undefined;
    const about = [momentText(strings, gap), group ? confidenceWord(strings, group) : ''];
    const head = title(group?.title ?? gapWord(strings, gap, undefined), about.filter(Boolean).join(' · '));
    if (!group)
      return [head, element('div', { class: 'dim', text: laneName(this.controller.state, gap.lane) })];
    const facts: [string, string][] = [
      [strings.gapVictim, group.victim ? `${group.victim.name} ${group.victim.place}`.trim() : ''],
      [strings.gapHolder, holderText(group)],
      [strings.gapFix, group.fix],
    ];
    const code = group.victim?.text.trim() ?? '';
    return [
      head,
      element('p', { text: group.sentence }),
      code ? element('code', { text: code }) : null,
      factList(facts),
      element('div', { class: 'dim', text: strings.gapHint }),
    ];
  }

  private sliceParts({ index, slice, lane }: HoveredSlice): (HTMLElement | null)[] {
    const { strings, summary } = this.controller.state;
    const { slices, functions } = index.view;
    const state = sliceStates[slices.state[slice] ?? 0] ?? 'running';
    const words = {
      running: strings.running,
      idle: strings.idle,
      waiting: strings.sliceWaiting,
      mixed: strings.mixedSlice,
    };
    const durationNs = (slices.endNs[slice] ?? 0) - (slices.startNs[slice] ?? 0);
    const func = slices.func[slice] ?? -1;
    const isCut = summary?.startsMidway && (slices.startNs[slice] ?? 0) <= 0 && func >= 0;
    const facts = [formatDuration(durationNs), words[state], isCut ? strings.beganBefore : '']
      .filter(Boolean)
      .join(' · ');
    const file = functions.places[func]?.replace(/:\d+$/, '') ?? '';
    const line = slices.line[slice] ?? 0;
    const place = line > 0 && file ? `${file}:${line}` : (functions.places[func] ?? '');
    return [
      title(functions.names[func] ?? laneName(this.controller.state, lane), place),
      element('div', { text: facts }),
      place ? element('div', { class: 'dim', text: strings.sliceHint }) : null,
    ];
  }
}

function keyOf(hovered: Hovered): string {
  return hovered.kind === 'gap'
    ? `gap ${hovered.gap.index} ${hovered.gap.startNs}`
    : `slice ${hovered.slice} ${hovered.lane} ${hovered.index.view.slices.startNs[hovered.slice]}`;
}

function title(name: string, note: string): HTMLElement {
  return element('div', {
    class: 'frame-tooltip-title',
    children: [element('strong', { text: name }), element('span', { class: 'dim', text: note })],
  });
}

/** Names and values; those without a value are left out. */
export function factList(facts: readonly (readonly [string, string | Node])[]): HTMLElement {
  const cells = facts
    .filter(([, value]) => value !== '')
    .flatMap(([name, value]) => {
      const cell = element('dd');
      cell.append(value);
      return [element('dt', { text: name }), cell];
    });
  return element('dl', { children: cells });
}
