import type { FlameView } from '../../src/shared/views';
import { hasFlag } from './boxes';

/**
 * How long any matching function was on any stack, in ns: overlapping boxes (recursion, several threads at once)
 * count once. Exact on time order; `matches` has one byte per function of the view.
 */
export function coveredNs(view: FlameView, matches: Uint8Array): number {
  const found = matchingBoxes(view, matches);
  const { startNs, endNs } = view.boxes;
  found.sort((a, b) => (startNs[a] ?? 0) - (startNs[b] ?? 0));
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const box of found) {
    const end = endNs[box] ?? 0;
    if (end <= reached) continue;
    total += end - Math.max(reached, startNs[box] ?? 0);
    reached = end;
  }
  return total;
}

function matchingBoxes(view: FlameView, matches: Uint8Array): number[] {
  const found: number[] = [];
  for (let box = 0; box < view.boxes.length; box++) {
    const func = view.boxes.func[box] ?? -1;
    if (func >= 0 && matches[func] === 1 && !hasFlag(view, box, 'lane')) found.push(box);
  }
  return found;
}
