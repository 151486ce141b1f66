import { formatCount, formatShare, formatValue } from '../../src/shared/formatting';
import type { FrameView, FunctionStrings, NeighbourTable } from '../../src/shared/views';
import type { PanelController } from '../controller';
import { element, fill } from '../elements';
import type { PanelState } from '../state';

/** One function in depth: its numbers, who calls it, what it calls, and its hot lines. */
export class Details {
  readonly element = element('div', { class: 'details', attributes: { tabindex: '0', role: 'region' } });

  constructor(private readonly controller: PanelController) {
    controller.store.subscribe((state, previous) => {
      const isChanged =
        state.frame !== previous.frame ||
        state.functions !== previous.functions ||
        state.functionId !== previous.functionId ||
        state.summary !== previous.summary;
      if (isChanged) this.show(state);
    });
  }

  private show(state: PanelState): void {
    const { strings, frame, functionId } = state;
    this.element.setAttribute('aria-label', strings.details);
    const func = frame ? frame.functions.id.indexOf(functionId) : -1;
    if (!frame || func < 0) {
      const hint = functionId < 0 ? strings.noSelection : '';
      this.element.replaceChildren(element('p', { class: 'dim', text: hint }));
      return;
    }
    this.element.replaceChildren(
      this.title(frame.functions, func),
      this.numbers(state),
      ...this.lines(state, frame, func),
      ...this.neighbours(strings.callers, frame, frame.callers),
      ...this.neighbours(strings.callees, frame, frame.callees),
    );
  }

  private title(functions: FunctionStrings, func: number): HTMLElement {
    const place = {
      file: functions.file[func] ?? -1,
      line: functions.firstLine[func] ?? 0,
      takeFocus: false,
    };
    const link = this.link(functions.places[func] ?? '', () =>
      this.controller.reveal(place.file, place.line, place.takeFocus),
    );
    return element('h2', {
      class: 'details-title',
      children: [element('span', { text: functions.names[func] ?? '' }), link],
    });
  }

  private numbers(state: PanelState): HTMLElement {
    const { functions: view, functionId, strings, summary } = state;
    const row = view ? view.functions.id.indexOf(functionId) : -1;
    if (!view || row < 0) return element('dl');
    const share = (valueNs: number): string =>
      `${formatValue(valueNs, view.unit)} · ${formatShare(valueNs / view.scaleNs)}`;
    const facts: [string, string][] = [
      [strings.total, share(view.totalNs[row] ?? 0)],
      [strings.self, share(view.selfNs[row] ?? 0)],
    ];
    if (summary?.hasCpu) facts.push([strings.cpu, formatValue(view.cpuNs[row] ?? 0, view.unit)]);
    if ((view.waitNs[row] ?? 0) > 0) facts.push([strings.waiting, share(view.waitNs[row] ?? 0)]);
    const calls = view.callCount[row] ?? Number.NaN;
    if (!Number.isNaN(calls)) facts.push([strings.callsColumn, formatCount(calls)]);
    const samples = view.sampleCount[row] ?? 0;
    const error = formatShare(view.shareError[row] ?? 0);
    if (summary?.isSampled && samples > 0)
      facts.push([strings.samplesColumn, fill(strings.uncertainty, formatCount(samples), error)]);
    const cells = facts.flatMap(([name, value]) => [
      element('dt', { text: name }),
      element('dd', { text: value }),
    ]);
    return element('dl', { children: cells });
  }

  private lines(state: PanelState, frame: FrameView, func: number): HTMLElement[] {
    const { strings } = state;
    const { line, totalNs, text } = frame.lines;
    if (line.length === 0) return [];
    const file = frame.functions.file[func] ?? -1;
    const rows = Array.from(line, (number, at) =>
      this.row({
        name: text[at]?.trim() || fill(strings.lineNumber, number),
        note: String(number),
        isCode: Boolean(text[at]),
        valueNs: totalNs[at] ?? 0,
        valueText: formatValue(totalNs[at] ?? 0, frame.unit),
        scaleNs: frame.scaleNs,
        calls: Number.NaN,
        onClick: takeFocus => this.controller.reveal(file, number, takeFocus),
      }),
    );
    return [element('h3', { text: strings.lines }), element('ul', { class: 'neighbours', children: rows })];
  }

  private neighbours(title: string, frame: FrameView, table: NeighbourTable): HTMLElement[] {
    const { functions } = frame;
    const rows = Array.from(table.func, (func, at) =>
      this.row({
        name: functions.names[func] ?? '',
        note: functions.places[func] ?? '',
        isCode: false,
        valueNs: table.totalNs[at] ?? 0,
        valueText: formatValue(table.totalNs[at] ?? 0, frame.unit),
        scaleNs: frame.scaleNs,
        calls: table.callCount[at] ?? Number.NaN,
        onClick: takeFocus => this.openNeighbour(functions, func, takeFocus),
      }),
    );
    const none = element('p', { class: 'dim', text: this.controller.state.strings.noNeighbours });
    const list = element('ul', { class: 'neighbours', children: rows });
    return [element('h3', { text: title }), rows.length > 0 ? list : none];
  }

  private openNeighbour(functions: FunctionStrings, func: number, takeFocus: boolean): void {
    const place = { file: functions.file[func] ?? -1, line: functions.firstLine[func] ?? 0, takeFocus };
    this.controller.chooseFunction(functions.id[func] ?? -1, place);
  }

  private row(parts: {
    readonly name: string;
    readonly note: string;
    readonly isCode: boolean;
    readonly valueNs: number;
    readonly valueText: string;
    readonly scaleNs: number;
    readonly calls: number;
    onClick(takeFocus: boolean): void;
  }): HTMLElement {
    const share = parts.valueNs / parts.scaleNs;
    const calls = Number.isNaN(parts.calls) ? '' : `${formatCount(parts.calls)} × `;
    const made = element('button', {
      class: 'neighbour',
      children: [
        element('span', { class: parts.isCode ? 'code' : 'name', text: parts.name }),
        element('span', { class: 'grid-place', text: parts.note }),
        element('span', { class: 'grid-number', text: `${calls}${parts.valueText}` }),
        element('span', { class: 'grid-share', text: formatShare(share) }),
      ],
    });
    made.style.setProperty('--share', String(Math.min(1, share)));
    made.addEventListener('click', event => parts.onClick(event.ctrlKey || event.metaKey));
    return element('li', { children: [made] });
  }

  private link(text: string, onClick: () => void): HTMLElement {
    const made = element('button', { class: 'link', text });
    made.addEventListener('click', onClick);
    return made;
  }
}
