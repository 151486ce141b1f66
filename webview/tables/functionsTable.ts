import { formatShare, formatValue } from '../../src/shared/formatting';
import { functionKinds } from '../../src/shared/profile';
import type { FunctionsView } from '../../src/shared/views';
import type { PanelController } from '../controller';
import { element, fill } from '../elements';
import { matchFunctions, parseFilter } from '../filter';
import { onNextFrame } from '../frameScheduler';
import type { PanelState } from '../state';
import { type Column, columnsFor, rowsInOrder, shareText } from './columns';

const rowHeightPx = 22;
/** The function column gets no less than this. */
const nameColumnPx = 150;
/** Rows kept above and below what is visible, so that scrolling never shows a gap. */
const sparePerSide = 8;

/** The top functions: a virtualised grid, the flame graph's twin in text. Only visible rows are in the page. */
export class FunctionsTable {
  readonly element: HTMLElement;
  private readonly head = element('div', { class: 'grid-head', attributes: { role: 'rowgroup' } });
  private readonly body = element('div', { class: 'grid-body', attributes: { role: 'rowgroup' } });
  private readonly request = onNextFrame(() => this.showRows());
  private columns: readonly Column[] = [];
  private rows: Int32Array = new Int32Array();
  private active = 0;

  constructor(
    private readonly controller: PanelController,
    private readonly focusInFlame: (functionId: number) => void,
  ) {
    this.element = element('div', {
      class: 'grid',
      attributes: { role: 'grid', tabindex: '0', 'aria-rowcount': '0' },
      children: [this.head, this.body],
    });
    this.element.addEventListener('scroll', this.request);
    this.element.addEventListener('keydown', event => this.keyPressed(event));
    this.element.addEventListener('click', event => this.clicked(event));
    this.element.addEventListener('dblclick', event => {
      if (this.rowAt(event) >= 0) this.focusActive();
    });
    new ResizeObserver(this.request).observe(this.element);
    controller.store.subscribe((state, previous) => this.follow(state, previous));
  }

  private get view(): FunctionsView | null {
    return this.controller.state.functions;
  }

  private follow(state: PanelState, previous: PanelState): void {
    if (state.summary && state.summary !== previous.summary) this.makeHead(state);
    const isReordered =
      state.functions !== previous.functions ||
      state.filter !== previous.filter ||
      state.sort !== previous.sort;
    if (isReordered) this.reorder(state);
    if (state.sort !== previous.sort) this.makeHead(state);
    if (isReordered || state.functionId !== previous.functionId) this.request();
  }

  private reorder(state: PanelState): void {
    if (!state.functions) return;
    const matches = matchFunctions(parseFilter(state.filter), state.functions.functions);
    this.rows = rowsInOrder(state.functions, state.sort, matches);
    const chosen = this.rows.findIndex(row => state.functions?.functions.id[row] === state.functionId);
    this.active = Math.max(0, chosen);
    this.element.setAttribute('aria-rowcount', String(this.rows.length + 1));
  }

  private makeHead(state: PanelState): void {
    if (!state.summary) return;
    this.columns = columnsFor(state.summary);
    this.element.setAttribute('aria-label', state.strings.topFunctions);
    this.element.setAttribute('aria-colcount', String(this.columns.length + 1));
    const widths = this.columns.map(column => `${column.widthPx}px`).join(' ');
    const leastPx = this.columns.reduce((sum, column) => sum + column.widthPx, nameColumnPx);
    this.element.style.setProperty('--columns', `minmax(${nameColumnPx}px, 1fr) ${widths}`);
    this.element.style.setProperty('--row-width', `${leastPx}px`);
    const titles = [
      { id: 'function', title: 'functionColumn' } as const,
      ...this.columns.map(({ id, title }) => ({ id, title })),
    ];
    const cells = titles.map(({ id, title }) => {
      const isSorted = state.sort.column === id;
      const direction = state.sort.isDescending ? 'descending' : 'ascending';
      const hint = id === 'self' ? state.strings.selfSortHint : state.strings[title];
      const cell = element('button', {
        text: state.strings[title],
        attributes: { 'data-column': id, title: hint },
      });
      cell.addEventListener('click', () => this.controller.sortBy(id));
      return element('div', {
        attributes: { role: 'columnheader', 'aria-sort': isSorted ? direction : 'none' },
        children: [cell],
      });
    });
    const row = element('div', { class: 'grid-row', attributes: { role: 'row', 'aria-rowindex': '1' } });
    row.append(...cells);
    const focused = this.head.contains(document.activeElement);
    this.head.replaceChildren(row);
    if (focused) this.head.querySelector<HTMLElement>(`[data-column=${state.sort.column}]`)?.focus();
  }

  private showRows(): void {
    const { view } = this;
    if (!view) return;
    const visibleCount = Math.ceil(this.element.clientHeight / rowHeightPx);
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeightPx) - sparePerSide);
    const end = Math.min(this.rows.length, first + visibleCount + 2 * sparePerSide);
    this.body.style.height = `${this.rows.length * rowHeightPx}px`;
    const made: HTMLElement[] = [];
    for (let at = first; at < end; at++) made.push(this.rowElement(view, at));
    this.body.replaceChildren(...made);
    const isActiveShown = this.active >= first && this.active < end;
    if (isActiveShown) this.element.setAttribute('aria-activedescendant', `function-row-${this.active}`);
    else this.element.removeAttribute('aria-activedescendant');
  }

  private rowElement(view: FunctionsView, at: number): HTMLElement {
    const row = this.rows[at] ?? 0;
    const { functions } = view;
    const isChosen = functions.id[row] === this.controller.state.functionId;
    const made = element('div', {
      class: `grid-row${at === this.active ? ' is-active' : ''}${isChosen ? ' is-chosen' : ''}`,
      attributes: {
        role: 'row',
        id: `function-row-${at}`,
        'aria-rowindex': String(at + 2),
        'aria-selected': String(isChosen),
        'data-at': String(at),
      },
      children: [this.nameCell(view, row), ...this.columns.map(column => this.numberCell(view, row, column))],
    });
    made.style.transform = `translateY(${at * rowHeightPx}px)`;
    return made;
  }

  private nameCell(view: FunctionsView, row: number): HTMLElement {
    const { names, places, files, kind } = view.functions;
    const kindName = functionKinds[kind[row] ?? 0] ?? 'own';
    return element('div', {
      class: 'grid-name',
      title: `${names[row]}\n${files[row] || places[row]}`,
      attributes: { role: 'gridcell' },
      children: [
        element('i', { class: `chip bar-${kindName}` }),
        element('span', { class: 'grid-function', text: names[row] ?? '' }),
        element('span', { class: 'grid-place', text: places[row] ?? '' }),
      ],
    });
  }

  private numberCell(view: FunctionsView, row: number, column: Column): HTMLElement {
    const value = column.valueOf(view, row);
    const cell = element('div', { class: 'grid-number', attributes: { role: 'gridcell' } });
    cell.append(column.textOf(value, view));
    if (column.hasShare) {
      cell.append(element('span', { class: 'grid-share', text: shareText(value, view) }));
      cell.classList.add(`heat-${column.id}`);
      cell.style.setProperty('--share', String(Math.min(1, value / view.scaleNs)));
    }
    if (column.id === 'samples') {
      cell.title = fill(
        this.controller.state.strings.uncertainty,
        column.textOf(value, view),
        formatShare(view.shareError[row] ?? 0),
      );
    }
    return cell;
  }

  private keyPressed(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    const isWithModifier = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeightPx) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.rows.length,
      End: this.rows.length,
    };
    const move = moves[event.key];
    if (move !== undefined && !isWithModifier) this.activate(this.active + move);
    else if (event.key === 'Enter' && isWithModifier) this.choose({ takeFocus: true });
    else if (event.key === 'Enter') this.focusActive();
    else if (event.key === ' ') this.choose({ takeFocus: false });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private activate(at: number): void {
    const { view } = this;
    if (!view || this.rows.length === 0) return;
    this.active = Math.max(0, Math.min(this.rows.length - 1, at));
    const topPx = this.active * rowHeightPx;
    const roomPx = this.element.clientHeight - this.head.offsetHeight;
    const { scrollTop } = this.element;
    if (topPx < scrollTop) this.element.scrollTop = topPx;
    else if (topPx + rowHeightPx > scrollTop + roomPx) this.element.scrollTop = topPx + rowHeightPx - roomPx;
    const row = this.rows[this.active] ?? 0;
    this.controller.chooseFunction(view.functions.id[row] ?? -1);
    this.controller.announce(this.spokenRow(view, row));
    this.request();
  }

  private spokenRow(view: FunctionsView, row: number): string {
    const { strings, range } = this.controller.state;
    const totalNs = view.totalNs[row] ?? 0;
    const share = fill(
      range ? strings.ofRange : strings.ofRun,
      formatShare(totalNs / view.scaleNs),
      formatValue(view.scaleNs, view.unit),
    );
    const { names, places } = view.functions;
    const self = formatValue(view.selfNs[row] ?? 0, view.unit);
    const total = formatValue(totalNs, view.unit);
    return fill(strings.functionSpoken, names[row] ?? '', places[row] ?? '', self, total, share);
  }

  private clicked(event: MouseEvent): void {
    const at = this.rowAt(event);
    if (at < 0) return;
    this.active = at;
    this.choose({ takeFocus: event.ctrlKey || event.metaKey });
    this.request();
  }

  private rowAt(event: MouseEvent): number {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-at]') : null;
    return row ? Number(row.dataset['at']) : -1;
  }

  private choose({ takeFocus }: { takeFocus: boolean }): void {
    const functions = this.view?.functions;
    const row = this.rows[this.active];
    if (!functions || row === undefined) return;
    const place = { file: functions.file[row] ?? -1, line: functions.firstLine[row] ?? 0, takeFocus };
    this.controller.chooseFunction(functions.id[row] ?? -1, place);
  }

  private focusActive(): void {
    const row = this.rows[this.active];
    if (row !== undefined) this.focusInFlame(this.view?.functions.id[row] ?? -1);
  }
}
