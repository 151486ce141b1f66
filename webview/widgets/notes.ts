import type { ProblemSummary, RunSummary } from '../../src/shared/api';
import { formatCount } from '../../src/shared/formatting';
import type { PanelStrings } from '../../src/shared/panelMessages';
import type { PanelController } from '../controller';
import { element, fill } from '../elements';
import { icon } from '../ui/icons';
import { button } from '../ui/toolkit';

/**
 * What is to be known of the recording beside its numbers: a button in the header that counts it, and the list that the
 * button opens. What the format lacks comes first, then what was damaged or left out, each with its place.
 */
export class Notes {
  readonly element = element('span', { class: 'notes' });
  readonly dialog = element('dialog', {
    class: 'panel-dialog',
    attributes: { 'aria-labelledby': 'notes-title' },
  });

  constructor(private readonly controller: PanelController) {
    controller.store.subscribe((state, previous) => {
      if (state.summary !== previous.summary) this.show(state.summary, state.strings);
    });
    this.show(controller.state.summary, controller.state.strings);
  }

  private show(summary: RunSummary | null, strings: PanelStrings): void {
    const count = summary ? summary.notes.length + summary.problemCount : 0;
    this.element.hidden = count === 0;
    if (!summary || count === 0) return;
    const hasProblems = summary.problemCount > 0;
    const title = `${strings.notes}: ${formatCount(count)}`;
    const content = element('span', {
      class: 'notes-button',
      children: [icon(hasProblems ? 'warning' : 'info')],
    });
    content.append(` ${formatCount(count)}`);
    const opener = button({
      content,
      label: title,
      title,
      appearance: 'icon',
      onClick: () => this.open(),
    });
    opener.classList.toggle('has-problems', hasProblems);
    this.element.replaceChildren(opener);
  }

  /** Closing puts the focus back where it was. */
  private open(): void {
    const { summary, strings } = this.controller.state;
    if (!summary) return;
    const heading = element('h2', { text: strings.notes, attributes: { id: 'notes-title' } });
    const close = button({ content: strings.close, onClick: () => this.dialog.close() });
    this.dialog.replaceChildren(heading, ...noteLists(summary, strings), close);
    if (!this.dialog.open) this.dialog.showModal();
  }
}

/** The lists of notes and problems; nothing for a run without either. */
export function noteLists(summary: RunSummary, strings: PanelStrings): HTMLElement[] {
  const lists: HTMLElement[] = [];
  const notes = summary.notes.map(text => element('li', { text }));
  if (notes.length > 0) lists.push(element('ul', { class: 'note-list', children: notes }));
  if (summary.problemCount === 0) return lists;
  const rows = summary.problems.map(problem => problemRow(problem, strings));
  const rest = summary.problemCount - rows.length;
  if (rest > 0) rows.push(element('li', { text: fill(strings.moreProblems, formatCount(rest)) }));
  lists.push(
    element('h3', { text: strings.problems }),
    element('ul', { class: 'note-list', children: rows }),
  );
  return lists;
}

function problemRow({ message, part, offset }: ProblemSummary, strings: PanelStrings): HTMLElement {
  const place = offset < 0 ? part : fill(strings.problemPlace, part, formatCount(offset));
  return element('li', {
    children: [element('span', { text: message }), element('span', { class: 'problem-place', text: place })],
  });
}
