import type { Lane, Profile } from '../../shared/profile';
import { functionTree } from '../analyze/functionTree';
import { functionPlace } from './functionFacts';

/**
 * The profile as a speedscope file (its `sampled` schema), in pieces of text: one profile per lane, frames are whole
 * functions, weights are nanoseconds. Stretches without samples get an empty stack, so that lanes stay aligned.
 */
export function* speedscopeFile(profile: Profile, name: string): Generator<string> {
  const frames = Array.from({ length: profile.functions.length }, (_, func) => {
    const place = functionPlace(profile, func);
    const file = place.file === '' ? {} : { file: place.file };
    return { name: place.name, ...file, ...(place.firstLine > 0 ? { line: place.firstLine } : {}) };
  });
  const lanes = profile.lanes.filter(lane => lane.sampleCount > 0);
  yield '{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"pyrolens","name":';
  yield `${JSON.stringify(name)},"activeProfileIndex":0,"shared":{"frames":${JSON.stringify(frames)}},"profiles":[`;
  for (const [index, lane] of lanes.entries()) {
    if (index > 0) yield ',';
    yield* laneProfile(profile, lane);
  }
  yield ']}';
}

function* laneProfile(profile: Profile, lane: Lane): Generator<string> {
  const end = lane.firstSample + lane.sampleCount;
  const { endNs, weightNs } = profile.samples;
  const startNs = Math.max(0, (endNs[lane.firstSample] ?? 0) - (weightNs[lane.firstSample] ?? 0));
  const lastNs = endNs[end - 1] ?? 0;
  const head = {
    type: 'sampled',
    name: lane.name,
    unit: 'nanoseconds',
    startValue: startNs,
    endValue: lastNs,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"samples":[`;
  const stacks = stackTexts(profile);
  const weights: number[] = [];
  let untilNs = startNs;
  for (let i = lane.firstSample; i < end; i++) {
    const gapNs = (endNs[i] ?? 0) - (weightNs[i] ?? 0) - untilNs;
    const comma = weights.length > 0 ? ',' : '';
    const stack = stacks(profile.samples.node[i] ?? -1);
    yield gapNs > 0 ? `${comma}[],${stack}` : `${comma}${stack}`;
    if (gapNs > 0) weights.push(gapNs);
    weights.push(weightNs[i] ?? 0);
    untilNs = endNs[i] ?? 0;
  }
  yield `],"weights":${JSON.stringify(weights)}}`;
}

/** `[3,1,4]`: the functions of a stack, root first, made once per stack. */
function stackTexts(profile: Profile): (node: number) => string {
  const tree = functionTree(profile);
  const made = new Map<number, string>();
  return node => {
    if (node < 0) return '[]';
    const leaf = tree.ofNode[node] ?? -1;
    const known = made.get(leaf);
    if (known !== undefined) return known;
    const functions: number[] = [];
    for (let at = leaf; at >= 0; at = tree.parent[at] ?? -1) functions.push(tree.func[at] ?? 0);
    const text = JSON.stringify(functions.reverse());
    made.set(leaf, text);
    return text;
  };
}
