import type { PanelController } from './controller';
import { element, fill, setText } from './elements';
import { FlameView } from './flame/flameView';
import { onNextFrame } from './frameScheduler';
import type { GapsController } from './gaps/gapsController';
import { GapsList } from './gaps/gapsList';
import { TimelineView } from './gaps/timelineView';
import { listenForKeys } from './panelKeys';
import { hasTimeline, type PanelState, type TabId } from './state';
import { Details } from './tables/details';
import { FunctionsTable } from './tables/functionsTable';
import type { Theme } from './theme';
import { button, tabs } from './ui/toolkit';
import { Header } from './widgets/header';
import { KeyHelp } from './widgets/keyHelp';
import { makeLegend } from './widgets/legend';
import { MetricCards } from './widgets/metricCards';
import { makeSplitter } from './widgets/splitter';
import { hasNoSamples, StatePane } from './widgets/statePane';
import { StatusLine } from './widgets/statusLine';

/** Narrower panels stand flame graph and tables below each other. */
const stackBelowPx = 820;
/** Below this the header's secondary controls fold under a button. */
const foldBelowPx = 1080;

/** Builds what stands there until there is a profile, and when there is none. */
export function buildStatePane(root: HTMLElement, controller: PanelController): void {
  root.append(new StatePane(controller).element);
}

/** Builds the panel into `root`: once, after the texts are known. */
export function buildPanel(
  root: HTMLElement,
  controller: PanelController,
  parts: { theme: Theme; gaps: GapsController; focusInFlame(functionId: number): void },
): { setTheme(theme: Theme): void } {
  const header = new Header(controller);
  const help = new KeyHelp(controller);
  const flame = new FlameView(controller.flame, parts.theme);
  const timeline = new TimelineView(parts.gaps, parts.theme);
  const gapsList = new GapsList(parts.gaps, parts.theme);
  flame.element.append(makeLegend(controller, () => help.open()));
  const body = element('div', { class: 'body' });
  body.append(
    flame.element,
    makeSplitter(controller, body),
    makeTables(controller, { gaps: gapsList.element, focusInFlame: id => parts.focusInFlame(id) }),
  );
  const report = element('main', {
    class: 'report',
    children: [
      header.element,
      new MetricCards(controller, group => parts.gaps.showGroup(group)).element,
      noStacksNote(controller),
      new StatusLine(controller).element,
      timeline.element,
      body,
    ],
  });
  root.append(report, help.element, header.notes.dialog, liveRegion(controller));
  listenForKeys(controller, {
    focusFilter: () => header.focusFilter(),
    showKeys: () => help.open(),
    stepGap: direction => parts.gaps.step(direction),
  });
  followLayout(root, body, controller);
  return {
    setTheme: theme => {
      for (const part of [flame, timeline, gapsList]) part.setTheme(theme);
    },
  };
}

function makeTables(
  controller: PanelController,
  parts: { readonly gaps: HTMLElement; focusInFlame(functionId: number): void },
): HTMLElement {
  const { strings } = controller.state;
  const table = new FunctionsTable(controller, id => parts.focusInFlame(id));
  const details = new Details(controller);
  const pages = [
    { id: 'gaps', title: strings.gaps, content: parts.gaps },
    { id: 'functions', title: strings.topFunctions, content: table.element },
    { id: 'details', title: strings.details, content: details.element },
  ] as const;
  const made = tabs(pages, id => controller.setTab(id as TabId));
  const show = ({ tab, summary }: PanelState): void => {
    const hasGaps = hasTimeline(summary);
    made.setHidden('gaps', !hasGaps);
    made.select(tab === 'gaps' && !hasGaps ? 'functions' : tab);
  };
  controller.store.subscribe((state, previous) => {
    if (state.tab !== previous.tab || state.summary !== previous.summary) show(state);
  });
  requestAnimationFrame(() => show(controller.state));
  return element('section', { class: 'tables', children: [made.element] });
}

/** Says why there is no flame graph, and offers the way to one; what another tool has recorded stays as it is. */
function noStacksNote(controller: PanelController): HTMLElement {
  const { strings } = controller.state;
  const text = element('p');
  const again = button({
    content: strings.profileWithSampling,
    appearance: 'primary',
    onClick: () => controller.host.profileWithSampling(),
  });
  const show = ({ summary }: PanelState): void => {
    if (!summary) return;
    setText(text, summary.isImported ? fill(strings.noStacksInFile, summary.engine) : strings.noStacks);
    again.hidden = summary.isImported;
  };
  controller.store.subscribe(show);
  show(controller.state);
  return element('div', { class: 'no-stacks', children: [text, again] });
}

function liveRegion(controller: PanelController): HTMLElement {
  const region = element('div', {
    class: 'visually-hidden',
    attributes: { 'aria-live': 'polite', role: 'status' },
  });
  const say = onNextFrame(() => setText(region, controller.state.announcement));
  controller.store.subscribe((state, previous) => {
    if (state.announcement !== previous.announcement) say();
  });
  return region;
}

function followLayout(root: HTMLElement, body: HTMLElement, controller: PanelController): void {
  const arrange = (widthPx: number): void => {
    body.classList.toggle('is-stacked', widthPx < stackBelowPx);
    root.classList.toggle('is-narrow', widthPx < stackBelowPx);
    root.classList.toggle('is-folded', widthPx < foldBelowPx);
  };
  new ResizeObserver(entries => arrange(entries[0]?.contentRect.width ?? 0)).observe(root);
  arrange(root.clientWidth);
  const show = (state: PanelState): void => {
    root.classList.toggle('is-ready', state.phase.kind === 'ready' && !hasNoSamples(state));
    root.classList.toggle('has-no-stacks', state.summary?.hasStacks === false);
    body.classList.toggle('is-explaining', state.tab === 'gaps' && state.chosenGap.group >= 0);
  };
  controller.store.subscribe(show);
  show(controller.state);
}
