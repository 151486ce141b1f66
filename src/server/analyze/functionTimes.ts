import type { Profile } from '../../shared/profile';
import type { FunctionTree } from './functionTree';
import { type ItemTimes, itemTimes } from './itemTimes';
import type { NodeTimes } from './nodeTimes';
import type { Subset } from './selection';

/** Times by function of the profile. */
export interface FunctionTimes {
  readonly total: ItemTimes;
  readonly self: ItemTimes;
}

/**
 * Measures every function of a subset. `tree` says which frames count: in the tree of own code the time of foreign
 * frames belongs to the own function that called them.
 */
export function functionTimes(
  profile: Profile,
  subset: Subset,
  { times, tree }: { readonly times: NodeTimes; readonly tree: FunctionTree },
): FunctionTimes {
  const itemOfNode = functionOfNode(tree);
  const query = { profile, subset, times, itemOfNode, itemCount: profile.functions.length };
  return { total: itemTimes({ ...query, part: 'total' }), self: itemTimes({ ...query, part: 'self' }) };
}

const knownFunctions = new WeakMap<FunctionTree, Int32Array>();

/** The function that each stack node counts for, -1 none; made once for a tree. */
export function functionOfNode(tree: FunctionTree): Int32Array {
  const made = knownFunctions.get(tree) ?? tree.ofNode.map(at => (at < 0 ? -1 : (tree.func[at] ?? -1)));
  knownFunctions.set(tree, made);
  return made;
}
