import { allTasks } from '../src/shared/api';
import { formatCount, formatShare, formatValue } from '../src/shared/formatting';
import type { FlameView } from '../src/shared/views';
import { fill } from './elements';
import type { Box, BoxIndex } from './flame/boxes';
import { pathOf, readBox } from './flame/boxes';
import type { LabelTexts } from './flame/labels';
import { childrenOf } from './flame/walk';
import type { PanelState } from './state';

/** What a box is called: its function, its lane, or how many frames it hides. */
export function nameOf(state: PanelState, view: FlameView, box: Box): string {
  if (box.isHidden) return fill(state.strings.hidden, formatCount(box.sampleCount));
  if (box.isLane || box.func < 0) return laneName(state, box.lane);
  return view.functions.names[box.func] ?? '';
}

/** `tokens.py:41`, empty for lanes and fillers. */
export function placeOf(view: FlameView, box: Box): string {
  return box.func < 0 || box.isHidden || box.isLane ? '' : (view.functions.places[box.func] ?? '');
}

/** A lane's name; with the process when the run has several. */
export function laneName(state: PanelState, lane: number): string {
  const { summary, strings } = state;
  const found = summary?.lanes.find(candidate => candidate.index === lane);
  if (!summary || !found) return lane === allTasks ? strings.suspendedTasks : strings.allThreads;
  const name = found.name || `${found.kind === 'task' ? strings.task : strings.thread} ${found.tid}`;
  const hasProcesses = summary.lanes.some(other => other.pid !== found.pid);
  return hasProcesses ? `${name} · ${fill(strings.process, found.pid)}` : name;
}

/** The words in a box. */
export function labelOf(state: PanelState, view: FlameView, index: number): LabelTexts {
  const box = readBox(view, index);
  if (!box) return { name: '', place: '', numbers: '', source: '' };
  if (box.isHidden) return { name: formatCount(box.sampleCount), place: '', numbers: '', source: '' };
  const scaleNs = scaleFor(state, view, box);
  const share = scaleNs > 0 ? `${formatShare(box.durationNs / scaleNs)} · ` : '';
  return {
    name: nameOf(state, view, box),
    place: placeOf(view, box),
    numbers: `${share}${formatValue(box.durationNs, view.unit)}`,
    source: view.lineTexts[view.lineText[index] ?? -1]?.trim() ?? '',
  };
}

/**
 * What 100 % is for a box: the run, or the selected frame for what lies below it. 0 outside of a selection, where
 * a share would have no meaning beside the inline numbers.
 */
export function scaleFor(state: PanelState, view: FlameView, box: Box): number {
  const { selected } = state;
  if (!selected) return view.scaleNs;
  const path = pathOf(view, box.index);
  const isBelow = selected.ref.path.every((func, depth) => path[depth] === func);
  const { range } = selected;
  const isInside = !range || (box.startNs >= range.startNs - 1 && box.endNs <= range.endNs + 1);
  return isBelow && isInside && box.lane === selected.ref.lane ? selected.durationNs : 0;
}

/** `31% of the run’s 5.61 s`, or of the selected frame's time. */
export function shareSentence(state: PanelState, view: FlameView, box: Box): string {
  const { selected, strings } = state;
  const scaleNs = scaleFor(state, view, box);
  if (selected && scaleNs > 0) {
    return fill(
      strings.ofSelection,
      formatShare(box.durationNs / scaleNs),
      formatValue(scaleNs, view.unit),
      selected.name,
    );
  }
  return fill(
    isOfRange(state, view) ? strings.ofRange : strings.ofRun,
    formatShare(box.durationNs / view.scaleNs),
    formatValue(view.scaleNs, view.unit),
  );
}

/** In left-heavy order 100 % is the selected range; in time order it stays the run. */
function isOfRange({ range }: PanelState, { order }: FlameView): boolean {
  return range !== null && order === 'leftHeavy';
}

/** Half width of the 95 % interval of a share that `sampleCount` samples gave. */
export function shareError(share: number, sampleCount: number): number {
  const held = Math.min(1, Math.max(0, share));
  return sampleCount > 0 ? Math.min(1, 1.96 * held * Math.sqrt((1 - held) / sampleCount)) : 1;
}

/** What a screen reader says of a box. */
export function spokenBox(state: PanelState, index: BoxIndex, box: Box): string {
  const { strings } = state;
  if (box.isHidden) return fill(strings.hiddenSpoken, formatCount(box.sampleCount));
  return fill(
    strings.frameSpoken,
    nameOf(state, index.view, box),
    placeOf(index.view, box),
    formatValue(box.selfNs, index.view.unit),
    formatValue(box.durationNs, index.view.unit),
    shareSentence(state, index.view, box),
    pathOf(index.view, box.index).length,
    childrenOf(index, box.index).length,
  );
}
