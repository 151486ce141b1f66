import { allThreads, type Selection } from '../src/shared/api';
import { formatRange, formatShare, formatValue } from '../src/shared/formatting';
import { fill } from './elements';
import { type PanelState, rangeInForce } from './state';

/** What the numbers are narrowed to, as the host is told: the selected frame, the selected range, or both. */
export function selectionOf(state: PanelState): Selection | null {
  const { selected, summary } = state;
  const range = rangeInForce(state);
  if (!summary || (!selected && !range)) return null;
  return {
    runId: summary.runId,
    lane: selected?.ref.lane ?? allThreads,
    rangeStartNs: range?.startNs ?? 0,
    rangeEndNs: range?.endNs ?? summary.durationNs,
    path: selected?.ref.path ?? [],
    label: labelOf(state),
  };
}

function labelOf({ selected, range, summary }: PanelState): string {
  if (selected && summary) return `${selected.name} · ${formatValue(selected.durationNs, summary.unit)}`;
  return range ? formatRange(range.startNs, range.endNs) : '';
}

/** What the status line says while a frame is selected, empty otherwise. */
export function selectionSentence({ selected, strings, summary }: PanelState): string {
  if (!selected || !summary) return '';
  const share = formatShare(selected.durationNs / summary.durationNs);
  const value = formatValue(selected.durationNs, summary.unit);
  return fill(strings.selected, selected.name, `${value} (${share})`);
}
