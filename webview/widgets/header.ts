import { allTasks, allThreads, type LaneSummary, type RunSummary } from '../../src/shared/api';
import { formatCount, formatShare, formatValue } from '../../src/shared/formatting';
import type { PanelController } from '../controller';
import { element, fill, setText } from '../elements';
import { laneName } from '../frameTexts';
import { hasTaskLanes, type PanelState } from '../state';
import { icon } from '../ui/icons';
import {
  button,
  type Choice,
  checkbox,
  dropdown,
  setEnabled,
  setExpanded,
  setPressed,
  type TextField,
  textField,
} from '../ui/toolkit';
import { LiveControls } from './liveControls';
import { Notes } from './notes';

/** More lanes than this would make a list nobody reads; the busiest are kept. */
const maxLaneChoices = 150;

/** The row on top: what run this is, and the controls. What does not fit folds under «More». */
export class Header {
  readonly element: HTMLElement;
  readonly notes: Notes;
  private readonly name = element('h1', { class: 'run-name' });
  private readonly facts = element('p', { class: 'run-facts' });
  private readonly filter: TextField;
  private readonly folded = element('div', { class: 'header-folded' });
  private readonly views: readonly { order: PanelState['order']; element: HTMLElement }[];
  private readonly lanes;
  private readonly values;
  private readonly ownCode;
  private readonly more: HTMLElement;

  constructor(private readonly controller: PanelController) {
    const { strings } = controller.state;
    this.notes = new Notes(controller);
    this.views = (['leftHeavy', 'timeOrder'] as const).map(order => ({
      order,
      element: button({ content: strings[order], onClick: () => controller.setOrder(order) }),
    }));
    this.lanes = dropdown({ label: strings.lane, onChange: value => controller.setLane(Number(value)) });
    this.values = dropdown({
      label: strings.valueType,
      onChange: value => controller.host.setValueType(Number(value)),
    });
    this.filter = textField({
      label: strings.filter,
      placeholder: strings.filter,
      onInput: value => controller.setFilter(value),
    });
    this.ownCode = checkbox(strings.ownCode, isChecked => controller.setOwnCodeOnly(isChecked));
    this.more = button({
      content: icon('more'),
      label: strings.more,
      title: strings.more,
      appearance: 'icon',
      onClick: () => this.setOpen(!this.folded.classList.contains('open')),
    });
    this.more.classList.add('header-more');
    this.element = this.assemble();
    controller.store.subscribe((state, previous) => this.follow(state, previous));
    this.follow(controller.state, undefined);
  }

  focusFilter(): void {
    this.filter.focus();
  }

  private assemble(): HTMLElement {
    const { strings } = this.controller.state;
    const switcher = element('div', {
      class: 'view-switch needs-stacks',
      attributes: { role: 'group', 'aria-label': strings.view },
      children: this.views.map(view => view.element),
    });
    this.lanes.element.classList.add('lane-list', 'needs-stacks');
    this.filter.element.classList.add('filter');
    document.addEventListener('pointerdown', event => {
      const isInside = event.composedPath().some(target => target === this.folded || target === this.more);
      if (!isInside) this.setOpen(false);
    });
    const exporter = button({ content: strings.export, onClick: () => this.controller.host.exportRun() });
    this.values.element.classList.add('value-list');
    this.folded.append(this.values.element, this.lanes.element, this.ownCode.element, exporter);
    this.folded.addEventListener('keydown', event => {
      if (event.key === 'Escape' && this.folded.classList.contains('open')) {
        event.stopPropagation();
        this.setOpen(false);
      }
    });
    const controls = element('div', {
      class: 'header-controls',
      children: [switcher, this.filter.element, this.folded, this.more],
    });
    const live = new LiveControls(this.controller).element;
    const title = element('div', { class: 'header-title', children: [this.name, live, this.factsRow()] });
    return element('header', { class: 'header', children: [title, controls] });
  }

  private factsRow(): HTMLElement {
    return element('div', { class: 'run-facts-row', children: [this.facts, this.notes.element] });
  }

  private setOpen(isOpen: boolean): void {
    this.folded.classList.toggle('open', isOpen);
    setExpanded(this.more, isOpen);
  }

  private follow(state: PanelState, previous: PanelState | undefined): void {
    this.filter.setValue(state.filter);
    this.ownCode.setChecked(state.ownCodeOnly);
    for (const view of this.views) setPressed(view.element, view.order === state.order);
    if (state.summary && state.summary !== previous?.summary) this.showRun(state, state.summary);
    else if (state.lane !== previous?.lane) this.lanes.setValue(String(state.lane));
  }

  private showRun(state: PanelState, summary: RunSummary): void {
    setText(this.name, summary.name);
    for (const view of this.views) {
      const isPossible = view.order === 'leftHeavy' || summary.hasTimeAxis;
      setEnabled(view.element, isPossible, fill(state.strings.noTimeAxis, summary.engine));
    }
    const facts = factsOf(state, summary);
    setText(this.facts, facts.join(' · '));
    this.facts.title = facts.join('\n');
    this.lanes.setChoices(laneChoices(state, summary), String(state.lane));
    this.values.setChoices(valueChoices(summary), String(summary.valueType));
    this.element.classList.toggle('has-one-lane', summary.lanes.length < 2);
    this.element.classList.toggle('has-one-value', summary.valueTypes.length < 2);
  }
}

function factsOf(state: PanelState, summary: RunSummary): string[] {
  const { strings } = state;
  const isSampled = summary.hasStacks && summary.rateHzReached > 0;
  const rate = fill(strings.rate, Math.round(summary.rateHzReached), Math.round(summary.rateHzAsked));
  const commit = summary.commit && fill(strings.commit, summary.commit.slice(0, 7));
  const changed = summary.changedFileCount > 0 ? fill(strings.changedFiles, summary.changedFileCount) : '';
  const overhead =
    summary.overheadShare === null ? '' : fill(strings.overhead, percent(summary.overheadShare));
  return [
    summary.readShare < 1 ? fill(strings.partlyRead, formatShare(summary.readShare)) : '',
    wholeText(state, summary),
    summary.engine,
    isSampled ? rate : '',
    isSampled ? fill(strings.samples, formatCount(summary.sampleCount)) : '',
    summary.python && `Python ${summary.python.replace(/^Python /, '')}`,
    [commit, changed].filter(Boolean).join(' '),
    overhead,
    summary.exitText,
  ].filter(fact => fact !== '');
}

/** What 100 % is, with what is counted where that is not time: `426 samples`, `1.60 MB Memory`. */
function wholeText({ strings }: PanelState, summary: RunSummary): string {
  const whole = formatValue(summary.durationNs, summary.unit);
  const name = summary.valueTypes[summary.valueType]?.name;
  if (name !== undefined) return `${whole} ${name}`;
  return summary.unit === 'count' ? fill(strings.samples, whole) : whole;
}

function valueChoices({ valueTypes }: RunSummary): Choice[] {
  return valueTypes.map(({ name }, index) => ({ value: String(index), text: name }));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)}%`;
}

function laneChoices(state: PanelState, summary: RunSummary): Choice[] {
  const { strings } = state;
  const choiceOf = (lane: LaneSummary): Choice => ({
    value: String(lane.index),
    text: laneName(state, lane.index),
  });
  const threads = summary.lanes
    .filter(lane => lane.kind === 'thread')
    .sort((a, b) => Number(b.isMain) - Number(a.isMain) || b.sampleCount - a.sampleCount);
  const tasks = summary.lanes
    .filter(lane => lane.kind === 'task')
    .sort((a, b) => b.sampleCount - a.sampleCount);
  const all = [{ value: String(allThreads), text: strings.allThreads }];
  if (hasTaskLanes(summary)) all.push({ value: String(allTasks), text: strings.suspendedTasks });
  return [...all, ...[...threads, ...tasks].slice(0, maxLaneChoices).map(choiceOf)];
}
