import { depthFirst } from '../../shared/depthFirst';
import { functionKinds, type Profile } from '../../shared/profile';

/**
 * The stack tree merged by function: nodes that differ only in their executing line become one. In depth-first
 * order like the profile's own tree, children in their order of appearance.
 */
export interface FunctionTree {
  readonly length: number;
  readonly parent: Int32Array;
  readonly func: Int32Array;
  readonly depth: Uint16Array;
  readonly subtreeEnd: Int32Array;
  /** Node of the profile → node here, -1 for what lies above the first own frame when only own code is shown. */
  readonly ofNode: Int32Array;
}

const trees = new WeakMap<Profile, [FunctionTree | undefined, FunctionTree | undefined]>();

/** The function tree of a profile, made once. With `ownCodeOnly`, foreign frames are folded into their own caller. */
export function functionTree(profile: Profile, ownCodeOnly = false): FunctionTree {
  const made = trees.get(profile) ?? [undefined, undefined];
  trees.set(profile, made);
  const slot = ownCodeOnly ? 1 : 0;
  const tree = made[slot] ?? buildTree(profile, ownCodeOnly);
  made[slot] = tree;
  return tree;
}

function buildTree(profile: Profile, ownCodeOnly: boolean): FunctionTree {
  const { nodes, frames, functions } = profile;
  const own = functionKinds.indexOf('own');
  const draft = { parent: [] as number[], func: [] as number[] };
  const index = new Map<number, number>();
  const ofNode = new Int32Array(nodes.length);
  for (let node = 0; node < nodes.length; node++) {
    const up = nodes.parent[node] ?? -1;
    const parent = up < 0 ? -1 : (ofNode[up] ?? -1);
    const func = frames.func[nodes.frame[node] ?? 0] ?? 0;
    if (ownCodeOnly && functions.kind[func] !== own) ofNode[node] = parent;
    else ofNode[node] = intern(parent, func);
  }

  function intern(parent: number, func: number): number {
    const key = (parent + 1) * 0x4000000 + func;
    const known = index.get(key);
    if (known !== undefined) return known;
    draft.func.push(func);
    const made = draft.parent.push(parent) - 1;
    index.set(key, made);
    return made;
  }
  return renumber(draft, ofNode);
}

function renumber(draft: { parent: number[]; func: number[] }, ofNode: Int32Array): FunctionTree {
  const order = depthFirst(Int32Array.from(draft.parent));
  const func = new Int32Array(draft.func.length);
  draft.func.forEach((value, old) => {
    func[order.newIndex[old] ?? 0] = value;
  });
  const { parent, depth, subtreeEnd } = order;
  return {
    length: func.length,
    parent,
    func,
    depth,
    subtreeEnd,
    ofNode: ofNode.map(old => (old < 0 ? -1 : (order.newIndex[old] ?? -1))),
  };
}

/** The node that a path of functions from the root leads to, or -1. */
export function findPath(tree: FunctionTree, path: readonly number[]): number {
  let [from, to, found] = [0, tree.length, -1];
  for (const func of path) {
    let child = from;
    while (child < to && tree.func[child] !== func) child = tree.subtreeEnd[child] ?? to;
    if (child >= to) return -1;
    found = child;
    from = child + 1;
    to = tree.subtreeEnd[child] ?? from;
  }
  return found;
}
