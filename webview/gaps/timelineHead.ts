import { formatDuration, formatRange } from '../../src/shared/formatting';
import { element, fill, setText } from '../elements';
import type { PanelState } from '../state';
import type { Theme } from '../theme';
import { icon } from '../ui/icons';
import { setExpanded } from '../ui/toolkit';
import { familyAt, familyLooks } from './families';
import { familyChip } from './familyChip';
import { familyTimes } from './familyTimes';
import type { GapsController } from './gapsController';
import { busiestTaskCount } from './tracks';

/** The legend follows when the picture has come to rest. */
const restMs = 120;
const mostFamilies = 5;

/** The line above the lanes: opens and closes them, says what is selected, and what the hatches in view mean. */
export class TimelineHead {
  readonly element: HTMLElement;
  private readonly toggle: HTMLButtonElement;
  private readonly chip: HTMLButtonElement;
  private readonly tasks: HTMLButtonElement;
  private readonly legend = element('div', { class: 'timeline-legend' });
  private timer = 0;

  constructor(
    private readonly controller: GapsController,
    private theme: Theme,
  ) {
    const { strings } = controller.state;
    const title = element('span', { text: strings.timeline });
    this.toggle = this.textButton('timeline-toggle', strings.toggleTimeline, () =>
      controller.panel.toggleTimeline(),
    );
    this.toggle.append(icon('chevron'), title);
    this.chip = this.textButton('range-chip', strings.clearRange, () => controller.setRange(null));
    this.tasks = this.textButton('link', '', () => controller.toggleAllTasks());
    this.element = element('header', {
      class: 'timeline-head',
      children: [this.toggle, this.chip, this.tasks, element('span', { class: 'spring' }), this.legend],
    });
    controller.panel.store.subscribe((state, previous) => this.follow(state, previous));
    this.show(controller.state);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.showLegend();
  }

  /** Says how many tasks there are beside those that are drawn. */
  showTasks(taskCount: number): void {
    const { strings, areAllTasksShown, isTimelineOpen } = this.controller.state;
    this.tasks.hidden = taskCount <= busiestTaskCount || !isTimelineOpen;
    setText(this.tasks, areAllTasksShown ? strings.busiestTasks : fill(strings.allTasks, taskCount));
  }

  private textButton(className: string, title: string, onClick: () => void): HTMLButtonElement {
    const made = element('button', { class: className, title, attributes: { type: 'button' } });
    made.addEventListener('click', onClick);
    return made;
  }

  private follow(state: PanelState, previous: PanelState): void {
    if (state.range !== previous.range || state.isTimelineOpen !== previous.isTimelineOpen) this.show(state);
    const isMoved = state.timelineViewport !== previous.timelineViewport || state.gaps !== previous.gaps;
    if (isMoved || state.summary !== previous.summary) this.showLegendAtRest();
  }

  private show({ range, isTimelineOpen, strings }: PanelState): void {
    setExpanded(this.toggle, isTimelineOpen);
    this.legend.hidden = !isTimelineOpen;
    this.chip.hidden = range === null;
    if (!range) return;
    const text = formatRange(range.startNs, range.endNs);
    setText(this.chip, `${text} ×`);
    this.chip.setAttribute('aria-label', `${text}. ${strings.clearRange}`);
  }

  private showLegendAtRest(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.showLegend(), restMs);
  }

  private showLegend(): void {
    const { gaps, strings } = this.controller.state;
    const times = gaps ? familyTimes(gaps, this.controller.viewport).slice(0, mostFamilies) : [];
    const entries = times.map(({ family, totalNs }) => {
      const word = strings[familyLooks[familyAt(family)].word];
      const chip = familyChip(this.theme, family, { widthPx: 14, heightPx: 10 });
      const text = document.createTextNode(`${word} ${formatDuration(totalNs)}`);
      return element('span', { class: 'legend-entry', children: [chip, text] });
    });
    this.legend.replaceChildren(...entries);
  }
}
