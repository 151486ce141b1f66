import { formatDuration } from '../../src/shared/formatting';
import type { GapGroup, GapPlace } from '../../src/shared/views';
import { element, fill } from '../elements';
import type { PanelState } from '../state';
import type { Theme } from '../theme';
import { button } from '../ui/toolkit';
import { familyIndex } from './families';
import { familyChip } from './familyChip';
import type { GapsController } from './gapsController';
import { confidenceWord, countText, groupAsText, momentText, roleWord } from './gapTexts';
import { factList } from './gapTooltip';
import { systemSection } from './systemSection';

/** Why the chosen gap happened, who held it up, and what helps. */
export class GapDetails {
  readonly element = element('section', { class: 'gap-details', attributes: { tabindex: '0' } });

  constructor(
    private readonly controller: GapsController,
    private theme: Theme,
  ) {
    this.element.setAttribute('aria-label', controller.state.strings.details);
    controller.panel.store.subscribe((state, previous) => {
      if (state.chosenGap !== previous.chosenGap || state.gaps !== previous.gaps) this.show(state);
    });
    this.show(controller.state);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.show(this.controller.state);
  }

  private show(state: PanelState): void {
    const { gaps, chosenGap, strings } = state;
    const group = gaps?.view.groups[chosenGap.group];
    this.element.hidden = !gaps || gaps.view.groups.length === 0;
    if (!group) {
      this.element.replaceChildren(element('p', { class: 'dim', text: strings.gapNone }));
      return;
    }
    const sentence = element('p', { class: 'gap-sentence', text: group.sentence });
    const fix = group.fix
      ? element('p', { class: 'gap-fix', text: `${strings.gapFix}: ${group.fix}` })
      : null;
    const system = systemSection(strings, group);
    const [facts, evidence] = [this.facts(state, group), this.evidence(group)];
    const parts = [this.title(state, group), sentence, fix, system, facts, evidence];
    this.element.replaceChildren(...parts.filter(part => part !== null), this.copyButton(state, group));
    this.element.scrollTop = 0;
  }

  private title({ strings }: PanelState, group: GapGroup): HTMLElement {
    const about = `${confidenceWord(strings, group)} · ${roleWord(strings, group)}`;
    return element('h2', {
      class: 'gap-details-title',
      children: [
        familyChip(this.theme, familyIndex(group.family), { widthPx: 14, heightPx: 14 }),
        element('strong', { text: group.title }),
        element('span', { class: 'dim', text: about }),
      ],
    });
  }

  private facts({ strings }: PanelState, group: GapGroup): HTMLElement {
    const { gap } = this.controller;
    return factList([
      [strings.gapVictim, group.victim ? this.placeLink(group.victim) : ''],
      [strings.gapHolder, this.holder(group)],
      [strings.gapAt, gap ? momentText(strings, gap) : ''],
      [strings.gapDelay, group.delayNs > 0 ? formatDuration(group.delayNs) : ''],
      [strings.gapTotal, countText(strings, group)],
      [strings.gapMedian, group.count > 1 ? formatDuration(group.medianNs) : ''],
      [strings.gapLanes, group.laneNames.join(', ')],
    ]);
  }

  private holder({ holder, holderLane }: GapGroup): string | Node {
    if (!holder) return holderLane;
    const lane = holderLane ? element('span', { text: `${holderLane} ·` }) : null;
    return element('span', { class: 'gap-source', children: [lane, this.placeLink(holder)] });
  }

  private placeLink({ file, line, place, name, text }: GapPlace): HTMLElement {
    const link = element('button', {
      class: 'link',
      text: [name, place].filter(Boolean).join(' '),
      title: fill(this.controller.state.strings.openLine, place),
      attributes: { type: 'button' },
    });
    link.addEventListener('click', event =>
      this.controller.panel.reveal(file, line, event.ctrlKey || event.metaKey),
    );
    const code = text.trim() ? element('code', { text: text.trim() }) : null;
    return element('span', { class: 'gap-source', children: [link, code] });
  }

  private evidence(group: GapGroup): HTMLElement | null {
    if (group.evidence.length === 0) return null;
    const chips = group.evidence.map(fact => element('li', { class: 'gap-fact', text: fact }));
    const label = this.controller.state.strings.gapEvidence;
    return element('ul', { class: 'gap-facts', attributes: { 'aria-label': label }, children: chips });
  }

  private copyButton({ strings }: PanelState, group: GapGroup): HTMLElement {
    return button({
      content: strings.copyAsText,
      onClick: () => {
        void navigator.clipboard
          .writeText(groupAsText(strings, group))
          .then(() => this.controller.panel.announce(strings.copied));
      },
    });
  }
}
