import { formatCount, formatShare, formatValue } from '../../src/shared/formatting';
import type { FlameView } from '../../src/shared/views';
import { placeTooltip, type TooltipPlace } from '../canvas/placeTooltip';
import { element, fill } from '../elements';
import { nameOf, placeOf, scaleFor, shareError } from '../frameTexts';
import type { Box } from './boxes';
import type { FlameController } from './flameController';

/** What is known of the frame under the pointer. Stands below or above the frame, never on it. */
export class FrameTooltip {
  readonly element = element('div', { class: 'frame-tooltip', attributes: { 'aria-hidden': 'true' } });
  private shown: { view: FlameView; box: number } | undefined;

  constructor(private readonly controller: FlameController) {
    this.element.hidden = true;
  }

  /** Shows the facts of a box near the pointer. */
  show(box: Box, view: FlameView, place: TooltipPlace): void {
    if (this.shown?.view !== view || this.shown.box !== box.index) this.fill(box, view);
    this.shown = { view, box: box.index };
    this.element.hidden = false;
    placeTooltip(this.element, place);
  }

  hide(): void {
    this.element.hidden = true;
    this.shown = undefined;
  }

  private fill(box: Box, view: FlameView): void {
    const { state } = this.controller;
    const title = element('div', {
      class: 'frame-tooltip-title',
      children: [
        element('strong', { text: nameOf(state, view, box) }),
        element('span', { class: 'dim', text: placeOf(view, box) }),
      ],
    });
    const source = view.lineTexts[view.lineText[box.index] ?? -1]?.trim() ?? '';
    const code = source ? element('code', { text: source }) : null;
    const facts = box.isHidden ? null : this.facts(box, view);
    const hint = element('div', { class: 'dim', text: state.strings.clickHint });
    this.element.replaceChildren(...[title, code, facts, hint].filter(part => part !== null));
  }

  private facts(box: Box, view: FlameView): HTMLElement {
    const { strings, summary } = this.controller.state;
    const rows: [string, string][] = [];
    const total = `${formatValue(box.durationNs, view.unit)} · ${this.controller.shareSentence(box)}`;
    rows.push([strings.total, total]);
    rows.push([strings.self, this.withShare(box.selfNs, view, box)]);
    if (summary?.hasCpu && !Number.isNaN(box.cpuNs))
      rows.push([strings.cpu, formatValue(box.cpuNs, view.unit)]);
    if (box.waitNs > 0) rows.push([strings.waiting, this.withShare(box.waitNs, view, box)]);
    const error = shareError(box.durationNs / view.scaleNs, box.sampleCount);
    const samples = fill(strings.uncertainty, formatCount(box.sampleCount), formatShare(error));
    if (summary?.isSampled && box.sampleCount > 0) rows.push(['', samples]);
    const isInTime = this.controller.state.order === 'timeOrder';
    if (isInTime && summary?.startsMidway && box.startNs <= 0) rows.push(['', strings.beganBefore]);
    const cells = rows.flatMap(([name, value]) => [
      element('dt', { text: name }),
      element('dd', { text: value }),
    ]);
    return element('dl', { children: cells });
  }

  private withShare(valueNs: number, view: FlameView, box: Box): string {
    const scaleNs = scaleFor(this.controller.state, view, box) || view.scaleNs;
    return valueNs > 0 ? `${formatValue(valueNs, view.unit)} · ${formatShare(valueNs / scaleNs)}` : '–';
  }
}
