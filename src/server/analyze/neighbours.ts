import type { Profile } from '../../shared/profile';
import { functionTree } from './functionTree';
import { itemTimes } from './itemTimes';
import type { NodeTimes } from './nodeTimes';
import type { Subset } from './selection';

/** One caller or callee: how long the two stood on top of each other, and exact calls where they were counted. */
export interface Neighbour {
  readonly func: number;
  readonly totalNs: number;
  /** NaN when the engine does not count. */
  readonly callCount: number;
}

export interface Neighbours {
  readonly callers: readonly Neighbour[];
  readonly callees: readonly Neighbour[];
}

/** Direct callers and callees of a function, hottest first. Times are counted once over recursion and lanes. */
export function neighbours(
  profile: Profile,
  func: number,
  measured: { subset: Subset; times: NodeTimes },
): Neighbours {
  if (profile.calls) return countedNeighbours(profile, func);
  const tree = functionTree(profile);
  const callerOf = new Int32Array(profile.nodes.length).fill(-1);
  const calleeOf = new Int32Array(profile.nodes.length).fill(-1);
  for (let node = 0; node < profile.nodes.length; node++) {
    const at = tree.ofNode[node] ?? -1;
    const up = tree.parent[at] ?? -1;
    if (up < 0) continue;
    const [own, upper] = [tree.func[at] ?? -1, tree.func[up] ?? -1];
    if (own === func) callerOf[node] = upper;
    if (upper === func) calleeOf[node] = own;
  }
  const query = { profile, ...measured, itemCount: profile.functions.length, part: 'total' } as const;
  return {
    callers: ranked(itemTimes({ ...query, itemOfNode: callerOf }).totalNs),
    callees: ranked(itemTimes({ ...query, itemOfNode: calleeOf }).totalNs),
  };
}

function ranked(totalNs: Float64Array): Neighbour[] {
  const found: Neighbour[] = [];
  totalNs.forEach((ns, func) => {
    if (ns > 0) found.push({ func, totalNs: ns, callCount: Number.NaN });
  });
  return found.sort((a, b) => b.totalNs - a.totalNs || a.func - b.func);
}

function countedNeighbours(profile: Profile, func: number): Neighbours {
  const edges = profile.calls?.edges;
  const callers: Neighbour[] = [];
  const callees: Neighbour[] = [];
  for (let edge = 0; edge < (edges?.length ?? 0); edge++) {
    const [caller, callee] = [edges?.caller[edge] ?? -1, edges?.callee[edge] ?? -1];
    const numbers = { totalNs: edges?.totalNs[edge] ?? 0, callCount: edges?.callCount[edge] ?? 0 };
    if (callee === func) callers.push({ func: caller, ...numbers });
    if (caller === func) callees.push({ func: callee, ...numbers });
  }
  const byTime = (a: Neighbour, b: Neighbour) => b.totalNs - a.totalNs || b.callCount - a.callCount;
  return { callers: callers.sort(byTime), callees: callees.sort(byTime) };
}
