import { formatCount, formatDuration, formatShare } from '../../src/shared/formatting';
import type { GapGroup } from '../../src/shared/views';
import { element, fill, setText } from '../elements';
import type { PanelState } from '../state';
import type { Theme } from '../theme';
import { familyIndex } from './families';
import { familyChip } from './familyChip';
import { GapDetails } from './gapDetails';
import type { GapsController } from './gapsController';
import { confidenceWord } from './gapTexts';

/** Nobody reads further, and the costliest come first. */
const mostRows = 200;

/** The tab of gaps: groups ranked by the delay they caused, and below them the details of the chosen one. */
export class GapsList {
  readonly element: HTMLElement;
  private readonly note = element('p', { class: 'gaps-note' });
  private readonly rows = element('div', { attributes: { role: 'rowgroup' } });
  private readonly grid = element('div', {
    class: 'gaps-grid',
    attributes: { role: 'grid', tabindex: '0', 'aria-colcount': '2' },
    children: [this.rows],
  });
  private readonly details: GapDetails;

  constructor(
    private readonly controller: GapsController,
    private theme: Theme,
  ) {
    this.details = new GapDetails(controller, theme);
    this.grid.setAttribute('aria-label', controller.state.strings.gapsLabel);
    this.grid.addEventListener('keydown', event => this.keyPressed(event));
    this.grid.addEventListener('click', event => this.clicked(event));
    this.element = element('div', { class: 'gaps', children: [this.note, this.grid, this.details.element] });
    controller.panel.store.subscribe((state, previous) => {
      if (state.gaps !== previous.gaps) this.showAll(state);
      if (state.chosenGap !== previous.chosenGap || state.gaps !== previous.gaps) this.showChosen(state);
    });
    this.showAll(controller.state);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.details.setTheme(theme);
    this.showAll(this.controller.state);
    this.showChosen(this.controller.state);
  }

  private get groups(): readonly GapGroup[] {
    return this.controller.state.gaps?.view.groups.slice(0, mostRows) ?? [];
  }

  private showAll({ gaps, strings }: PanelState): void {
    const { groups } = this;
    const most = groups.reduce((top, group) => Math.max(top, weightOf(group)), 1);
    this.grid.hidden = groups.length === 0;
    this.grid.setAttribute('aria-rowcount', String(groups.length));
    this.rows.replaceChildren(...groups.map((group, at) => this.rowOf(group, at, most)));
    setText(this.note, gaps ? noteOf(gaps.view, strings) : '');
    this.note.title = this.note.textContent ?? '';
    this.note.hidden = this.note.title === '';
  }

  private rowOf(group: GapGroup, at: number, most: number): HTMLElement {
    const made = element('div', {
      class: 'gap-row',
      attributes: {
        role: 'row',
        id: `gap-row-${at}`,
        'aria-rowindex': String(at + 1),
        'data-at': String(at),
      },
      children: [
        familyChip(this.theme, familyIndex(group.family), { widthPx: 10, heightPx: 34 }),
        this.words(group),
        this.numbers(group),
      ],
    });
    made.style.setProperty('--share', String(weightOf(group) / most));
    return made;
  }

  private words(group: GapGroup): HTMLElement {
    const { strings } = this.controller.state;
    const place = element('button', {
      class: 'link',
      text: group.victim ? `${group.victim.name} ${group.victim.place}` : '',
      attributes: { type: 'button', tabindex: '-1', 'data-link': 'victim' },
    });
    const facts = element('span', { class: 'dim', text: confidenceWord(strings, group) });
    return element('div', {
      class: 'gap-words',
      attributes: { role: 'gridcell' },
      children: [
        element('div', { class: 'gap-title', text: group.title, title: group.title }),
        element('div', { class: 'gap-place', children: [group.victim ? place : null, facts] }),
      ],
    });
  }

  private numbers(group: GapGroup): HTMLElement {
    const { strings } = this.controller.state;
    const isDelay = group.delayNs > 0;
    const count = `${fill(strings.gapCount, formatCount(group.count))} · ${fill(strings.gapLongest, formatDuration(group.longestNs))}`;
    return element('div', {
      class: 'gap-numbers',
      title: isDelay ? strings.gapDelayTitle : strings.gapTotalTitle,
      attributes: { role: 'gridcell' },
      children: [
        element('div', { class: isDelay ? 'gap-delay' : 'dim', text: formatDuration(weightOf(group)) }),
        element('div', { class: 'dim', text: count }),
      ],
    });
  }

  private showChosen({ chosenGap }: PanelState): void {
    for (const row of this.rows.children) {
      const isChosen = (row as HTMLElement).dataset['at'] === String(chosenGap.group);
      row.classList.toggle('is-chosen', isChosen);
      row.setAttribute('aria-selected', String(isChosen));
      if (isChosen) row.scrollIntoView({ block: 'nearest' });
    }
    if (chosenGap.group >= 0) this.grid.setAttribute('aria-activedescendant', `gap-row-${chosenGap.group}`);
    else this.grid.removeAttribute('aria-activedescendant');
  }

  private keyPressed(event: KeyboardEvent): void {
    if (event.target !== this.grid || event.altKey) return;
    const last = this.groups.length - 1;
    const { group } = this.controller.state.chosenGap;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: Math.min(last, group + 1),
      ArrowUp: Math.max(0, group - 1),
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target !== undefined) this.controller.chooseGroup(target);
    else if (event.key === 'Enter') this.controller.revealVictim(event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private clicked(event: MouseEvent): void {
    if (!(event.target instanceof Element)) return;
    const row = event.target.closest<HTMLElement>('[data-at]');
    if (!row) return;
    this.controller.chooseGroup(Number(row.dataset['at']));
    const isLink = event.target.closest('[data-link]') !== null;
    if (isLink) this.controller.revealVictim(event.ctrlKey || event.metaKey);
  }
}

/** What groups are ranked by; gaps that delayed nobody by the time they took. */
function weightOf(group: GapGroup): number {
  return group.delayNs > 0 ? group.delayNs : group.totalNs;
}

/** How much of all waiting is explained, what would tell more, and how many groups are left out. */
function noteOf(
  view: { groups: readonly GapGroup[]; explainedShare: number; note: string },
  strings: PanelState['strings'],
): string {
  if (view.groups.length === 0) return view.note || strings.noGaps;
  const explained = view.explainedShare >= 0 ? fill(strings.explained, formatShare(view.explainedShare)) : '';
  const more = view.groups.length - mostRows;
  return [explained, view.note, more > 0 ? fill(strings.moreGaps, formatCount(more)) : '']
    .filter(Boolean)
    .join(' · ');
}
