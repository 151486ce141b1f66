import { type BoxIndex, firstBoxAfter, hasFlag } from './boxes';

export type WalkStep = 'up' | 'down' | 'left' | 'right';

/**
 * The box one key press away: up to the parent, down to the widest child, left and right along the row, siblings
 * first because they stand side by side. Answers the same box where there is no way on, and the first root when
 * none was current.
 */
export function walk(index: BoxIndex, box: number, step: WalkStep): number {
  if (box < 0) return index.view.boxes.length > 0 ? 0 : -1;
  if (step === 'up') return index.view.boxes.parent[box] === -1 ? box : (index.view.boxes.parent[box] ?? box);
  if (step === 'down') return widestChild(index, box);
  return alongRow(index, box, step === 'left' ? -1 : 1);
}

/** Boxes directly below a box, fillers included. */
export function childrenOf(index: BoxIndex, box: number): number[] {
  const { boxes } = index.view;
  const row = (boxes.row[box] ?? 0) + 1;
  if (row >= index.rowCount) return [];
  const end = index.rowStart[row + 1] ?? 0;
  const children: number[] = [];
  for (let at = firstBoxAfter(index, row, boxes.startNs[box] ?? 0); at < end; at++) {
    if ((boxes.startNs[at] ?? 0) >= (boxes.endNs[box] ?? 0)) break;
    if (boxes.parent[at] === box) children.push(at);
  }
  return children;
}

function widestChild(index: BoxIndex, box: number): number {
  const { startNs, endNs } = index.view.boxes;
  const widthOf = (child: number): number => (endNs[child] ?? 0) - (startNs[child] ?? 0);
  const children = childrenOf(index, box);
  const shown = children.filter(child => !hasFlag(index.view, child, 'hidden'));
  const candidates = shown.length > 0 ? shown : children;
  return candidates.reduce(
    (best, child) => (widthOf(child) > widthOf(best) ? child : best),
    candidates[0] ?? box,
  );
}

function alongRow(index: BoxIndex, box: number, direction: -1 | 1): number {
  const next = box + direction;
  const isInRow = index.view.boxes.row[next] === index.view.boxes.row[box];
  return isInRow && next >= 0 && next < index.view.boxes.length ? next : box;
}
