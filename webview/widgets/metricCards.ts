import { allThreads, type RunSummary } from '../../src/shared/api';
import { formatCount, formatDuration, formatShare } from '../../src/shared/formatting';
import type { PanelStrings } from '../../src/shared/panelMessages';
import type { FunctionsView, GapGroup, RangeMetrics } from '../../src/shared/views';
import type { PanelController } from '../controller';
import { element, fill } from '../elements';
import { rangeInForce } from '../state';
import { icon } from '../ui/icons';
import { button, setExpanded } from '../ui/toolkit';

interface Card {
  readonly title: string;
  readonly figure: string;
  readonly unit: string;
  /** Parts of the composition bar, as shares of its length, with the class that colours them. */
  readonly bar: readonly { readonly share: number; readonly kind: string }[];
  readonly verdict: string;
  /** The function to blame: index into the functions view, -1 none. */
  readonly culprit: number;
  /** The gaps to blame in its place. */
  readonly gap?: GapGroup | undefined;
}

interface CardFacts {
  readonly metrics: RangeMetrics;
  /** A stretch of the run is selected. */
  readonly isRange: boolean;
  readonly strings: PanelStrings;
  readonly functions: FunctionsView | null;
  /** What delayed the run most; undefined where that is not known, or only a part of the run counts. */
  readonly worstGap: GapGroup | undefined;
}

/** Wall clock, CPU and memory pressure: one figure, one bar and one sentence each. */
export class MetricCards {
  readonly element: HTMLElement;
  private readonly row = element('div', { class: 'cards-row' });
  private readonly toggle: HTMLElement;

  /** `showGap` explains a group of gaps. */
  constructor(
    private readonly controller: PanelController,
    private readonly showGap: (group: number) => void,
  ) {
    const { strings } = controller.state;
    this.toggle = button({
      content: icon('chevron'),
      label: strings.toggleCards,
      title: strings.toggleCards,
      appearance: 'icon',
      onClick: () => controller.toggleCards(),
    });
    this.toggle.classList.add('cards-toggle');
    this.element = element('section', { class: 'cards', children: [this.row, this.toggle] });
    controller.store.subscribe((state, previous) => {
      const isChanged =
        state.summary !== previous.summary ||
        state.functions !== previous.functions ||
        state.gaps !== previous.gaps;
      if (isChanged || state.areCardsOpen !== previous.areCardsOpen) this.show();
    });
  }

  private show(): void {
    const { summary, functions, strings, areCardsOpen, selected, lane, gaps } = this.controller.state;
    if (!summary) return;
    this.element.hidden = !isClocked(summary);
    this.element.classList.toggle('is-collapsed', !areCardsOpen);
    setExpanded(this.toggle, areCardsOpen);
    // The cards describe the run or a stretch of it: a frame or a lane does not change them.
    const isRange = rangeInForce(this.controller.state) !== null;
    const isNarrowed = selected !== null || lane !== allThreads;
    if (isNarrowed && !isRange && this.row.childElementCount > 0) return;
    const metrics = functions?.metrics ?? metricsOf(summary);
    const worstGap = isRange ? undefined : gaps?.view.groups.find(group => group.victim && group.delayNs > 0);
    const facts = { metrics, functions: isNarrowed ? null : functions, strings, isRange, worstGap };
    const cards = [wallCard(facts), cpuCard(facts), memoryCard(facts)];
    this.row.replaceChildren(...cards.map(card => this.cardElement(card, facts.functions)));
  }

  private cardElement(card: Card, functions: FunctionsView | null): HTMLElement {
    const segments = card.bar
      .filter(part => part.share > 0.001)
      .map(part => {
        const segment = element('span', { class: `bar-${part.kind}` });
        segment.style.width = `${Math.min(100, part.share * 100)}%`;
        return segment;
      });
    const verdict = element('p', { class: 'card-verdict', text: card.verdict });
    const place = card.gap ? this.gapLink(card.gap) : functions && this.culpritLink(card.culprit, functions);
    if (place) verdict.append(' ', place);
    return element('div', {
      class: 'card',
      children: [
        element('h2', { text: card.title }),
        element('p', {
          class: 'card-figure',
          children: [element('strong', { text: card.figure }), element('span', { text: card.unit })],
        }),
        element('div', { class: 'card-bar', attributes: { 'aria-hidden': 'true' }, children: segments }),
        verdict,
      ],
    });
  }

  private gapLink(group: GapGroup): HTMLElement {
    const text = `${group.victim?.name} ${group.victim?.place}`;
    const link = element('button', { class: 'link', text, title: group.title });
    const groups = this.controller.state.gaps?.view.groups ?? [];
    link.addEventListener('click', () => this.showGap(groups.indexOf(group)));
    return link;
  }

  private culpritLink(row: number, view: FunctionsView): HTMLElement | null {
    const { functions } = view;
    if (row < 0) return null;
    const text = `${functions.names[row]} ${functions.places[row]}`;
    const link = element('button', {
      class: 'link',
      text,
      title: fill(this.controller.state.strings.openLine, functions.places[row] ?? ''),
    });
    const place = { file: functions.file[row] ?? -1, line: functions.firstLine[row] ?? 0, takeFocus: false };
    link.addEventListener('click', () => this.controller.chooseFunction(functions.id[row] ?? -1, place));
    return link;
  }
}

/** Only a recording with a clock can say how long the user waited: sums of samples or bytes have no verdict. */
function isClocked({ unit, hasTimeAxis, hasStacks }: RunSummary): boolean {
  return unit === 'nanoseconds' && (hasTimeAxis || !hasStacks);
}

/** The whole run's, until the first table is there. */
function metricsOf(summary: RunSummary): RangeMetrics {
  const main = summary.lanes.find(lane => lane.isMain);
  const lifeNs = main ? Math.max(1, main.endNs - main.startNs) : 1;
  return {
    wallNs: summary.durationNs,
    cpuNs: summary.cpuNs ?? -1,
    mainBusyShare: main?.cpuNs == null ? -1 : Math.min(1, main.cpuNs / lifeNs),
    gcPauseCount: summary.gcPauseCount,
    gcPauseNs: summary.gcPauseNs,
  };
}

function wallCard({ metrics, strings, functions, isRange, worstGap }: CardFacts): Card {
  const { mainBusyShare, wallNs } = metrics;
  const isKnown = mainBusyShare >= 0;
  const culprit = functions ? largest(functions, row => waitedNs(functions, row)) : -1;
  const split = isKnown ? fill(strings.mainThread, formatShare(mainBusyShare)) : '';
  const blame = worstGap ? strings.worstDelay : culprit >= 0 ? strings.longestWait : '';
  return {
    title: strings.wallCard,
    figure: formatDuration(wallNs),
    unit: isRange ? strings.inRange : strings.userWaits,
    bar: [
      { share: isKnown ? mainBusyShare : 1, kind: 'own' },
      { share: isKnown ? 1 - mainBusyShare : 0, kind: 'wait' },
    ],
    verdict: `${split} ${blame}`.trim(),
    culprit,
    gap: worstGap,
  };
}

function cpuCard({ metrics, strings, functions }: CardFacts): Card {
  const culprit = functions ? largest(functions, row => workNs(functions, row)) : -1;
  const isKnown = metrics.cpuNs >= 0;
  const share = Math.max(0, metrics.cpuNs) / Math.max(1, metrics.wallNs);
  return {
    title: strings.cpuCard,
    figure: isKnown ? formatDuration(metrics.cpuNs) : '–',
    unit: isKnown ? fill(strings.ofOneCore, formatShare(share)) : '',
    bar: isKnown ? kindBar(functions, Math.min(1, share)) : [],
    verdict: culprit >= 0 ? strings.mostWork : isKnown ? '' : strings.cpuUnknown,
    culprit,
  };
}

function memoryCard({ metrics, strings, isRange }: CardFacts): Card {
  const { gcPauseNs, gcPauseCount, wallNs } = metrics;
  const share = gcPauseNs / Math.max(1, wallNs);
  const paused = isRange ? strings.pausedInRange : strings.paused;
  return {
    title: strings.memoryCard,
    figure: formatDuration(gcPauseNs),
    unit: gcPauseCount > 0 ? fill(strings.collections, formatCount(gcPauseCount)) : strings.noCollections,
    bar: [{ share, kind: 'gc' }],
    verdict: `${fill(paused, formatShare(share))} ${share < 0.01 ? strings.gcCheap : strings.gcFix}`,
    culprit: -1,
  };
}

/** The used part of a core, split by whose code the self time was in. */
function kindBar(functions: FunctionsView | null, usedShare: number): Card['bar'] {
  if (!functions) return [{ share: usedShare, kind: 'own' }];
  const byKind = [0, 0, 0, 0, 0];
  for (let row = 0; row < functions.functions.length; row++) {
    const kind = Math.min(functions.functions.kind[row] ?? 0, 4);
    byKind[kind] = (byKind[kind] ?? 0) + workNs(functions, row);
  }
  const whole = byKind.reduce((sum, part) => sum + part, 0) || 1;
  const kinds = ['own', 'package', 'stdlib', 'native', 'runtime'];
  return byKind.map((part, kind) => ({ share: (part / whole) * usedShare, kind: kinds[kind] ?? 'own' }));
}

/** The row with the largest positive value, -1 when there is none. */
function largest(view: FunctionsView, amountOf: (row: number) => number): number {
  let best = -1;
  let bestValue = 0;
  for (let row = 0; row < view.functions.length; row++) {
    const value = amountOf(row);
    if (value <= bestValue) continue;
    best = row;
    bestValue = value;
  }
  return best;
}

/** Self time in which the function computed: what a better algorithm could save. */
function workNs(view: FunctionsView, row: number): number {
  return Math.max(0, (view.selfNs[row] ?? 0) - (view.waitNs[row] ?? 0));
}

/** Self time in which the function waited. */
function waitedNs(view: FunctionsView, row: number): number {
  return Math.min(view.selfNs[row] ?? 0, view.waitNs[row] ?? 0);
}
