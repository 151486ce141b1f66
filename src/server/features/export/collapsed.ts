import type { Profile } from '../../../shared/profile';
import { type FunctionTree, functionTree } from '../../analyze/functionTree';
import { functionPlace } from '../functionFacts';
import { plainText } from './inertText';
import { type ExportSource, laneTitles } from './source';
import { StackSums } from './stackSums';

/**
 * Collapsed stacks («thread;root;…;leaf 1234»), as flamegraph.pl and its kin read them. Values are whole numbers:
 * microseconds, bytes or counts. What rounding cuts off goes to the lane's next stack, so that sums stay right.
 */
export function* collapsedFile({ profile }: ExportSource): Generator<string> {
  const tree = functionTree(profile);
  const sums = new StackSums(profile, { map: tree.ofNode, length: tree.length });
  const names = Array.from({ length: profile.functions.length }, (_, func) => functionLabel(profile, func));
  const scale = profile.info.unit === 'nanoseconds' ? 1000 : 1;
  const titles = laneTitles(profile);
  for (const [index, lane] of profile.lanes.entries()) {
    const root = clean(titles[index] ?? '');
    let rest = 0;
    for (const { stack, weight } of sums.ofLane(lane)) {
      const exact = weight / scale + rest;
      const whole = Math.round(exact);
      rest = exact - whole;
      if (whole > 0) yield `${root}${stackLabel(tree, names, stack)} ${whole}\n`;
    }
  }
}

function stackLabel(tree: FunctionTree, names: readonly string[], leaf: number): string {
  const path: string[] = [];
  for (let at = leaf; at >= 0; at = tree.parent[at] ?? -1) path.push(`;${names[tree.func[at] ?? 0]}`);
  return path.reverse().join('');
}

function functionLabel(profile: Profile, func: number): string {
  const { name, place } = functionPlace(profile, func);
  return clean(place === '' ? name : `${name} (${place})`);
}

/** The format's own separator must not stand in a name, nor may a name be empty. */
function clean(text: string): string {
  return plainText(text).replaceAll(';', '；') || '?';
}
