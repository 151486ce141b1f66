import type { PanelController } from '../controller';
import { element, fill, setText } from '../elements';
import { hasTimeline, type PanelState } from '../state';

/** Says in the timeline's place why there is none. */
export class TimelineNote {
  readonly element = element('p', { class: 'timeline-absent' });

  constructor(panel: PanelController) {
    panel.store.subscribe((state, previous) => {
      if (state.summary !== previous.summary) this.show(state);
    });
    this.show(panel.state);
  }

  private show({ summary, strings }: PanelState): void {
    this.element.hidden = summary === null || hasTimeline(summary);
    if (!summary) return;
    const isTimeless = !summary.hasTimeAxis || !summary.hasStacks;
    const text = isTimeless ? fill(strings.noTimeline, summary.engine) : strings.noTimelineUnit;
    setText(this.element, text);
  }
}
