import { formatCount, formatShare } from '../../src/shared/formatting';
import type { PanelController } from '../controller';
import { element, fill, setText } from '../elements';
import { matchFunctions, parseFilter } from '../filter';
import { shareError } from '../frameTexts';
import { selectionSentence } from '../selection';
import type { PanelState } from '../state';

/** Fewer samples than this, and every share is off by ten points or more. */
const fewSamples = 96;

/**
 * One line below the header for what qualifies the numbers: the selection that 100 % is, the filter's matches, too
 * few samples, or a view that failed. Takes no room when there is nothing to say.
 */
export class StatusLine {
  readonly element = element('p', { class: 'status-line' });

  constructor(private readonly controller: PanelController) {
    controller.store.subscribe(() => this.show());
  }

  private show(): void {
    const { state } = this.controller;
    const parts = [
      { kind: 'error', text: state.viewFailure },
      filterPart(state),
      { kind: 'selection', text: selectionSentence(state) },
      { kind: 'warning', text: fewSamplesText(state) },
    ].filter(part => part.text !== '');
    this.element.hidden = parts.length === 0;
    setText(this.element, parts.map(part => part.text).join('   ·   '));
    this.element.dataset['kind'] = parts[0]?.kind ?? '';
  }
}

function filterPart(state: PanelState): { kind: string; text: string } {
  const { strings, functions } = state;
  const filter = parseFilter(state.filter);
  if (filter.kind === 'invalid') return { kind: 'error', text: fill(strings.filterInvalid, filter.reason) };
  if (filter.kind === 'none' || !functions) return { kind: 'filter', text: '' };
  const matches = matchFunctions(filter, functions.functions);
  const count = matches?.reduce((sum, isMatch) => sum + isMatch, 0) ?? 0;
  if (count === 0) return { kind: 'filter', text: fill(strings.noMatches, state.filter) };
  if (!state.summary?.hasStacks)
    return { kind: 'filter', text: fill(strings.matchCount, formatCount(count)) };
  const share = state.matchedShare === null ? '…' : formatShare(state.matchedShare);
  return { kind: 'filter', text: fill(strings.matches, formatCount(count), share) };
}

function fewSamplesText(state: PanelState): string {
  const { summary, strings } = state;
  if (!summary?.isSampled || summary.sampleCount === 0 || summary.sampleCount >= fewSamples) return '';
  const error = formatShare(shareError(0.5, summary.sampleCount / 2));
  return fill(strings.tooFewSamples, formatCount(summary.sampleCount), error);
}
