import type { Lane, Profile } from '../../../shared/profile';
import { recordedFunction } from '../functionFacts';
import { jsonText } from './inertText';
import { jsonList, jsonListOf } from './jsonPieces';
import { type ExportSource, type LinePlaces, laneTitles, linePlaces } from './source';
import { StackSums } from './stackSums';

/** The unit as speedscope's schema calls it. */
const units = { nanoseconds: 'nanoseconds', bytes: 'bytes', count: 'none' } as const;

/**
 * The profile as a speedscope file (its `sampled` schema): one profile per lane; a frame is a function at an executing
 * line. With a time axis every sample is kept and stretches without samples get an empty stack, so that lanes stay
 * aligned; without one each stack stands once, with its sum.
 */
export function* speedscopeFile({ profile, name }: ExportSource): Generator<string> {
  const places = linePlaces(profile);
  const titles = laneTitles(profile);
  const lanes = profile.lanes
    .map((lane, index) => ({ lane, title: titles[index] ?? '' }))
    .filter(({ lane }) => lane.sampleCount > 0);
  const mainLane = Math.max(
    0,
    lanes.findIndex(({ lane }) => lane.isMain),
  );
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"pyrolens","name":${jsonText(name)},`;
  yield `"activeProfileIndex":${mainLane},"shared":{"frames":`;
  yield* jsonList(places.length, place => frameText(profile, places, place));
  yield '},"profiles":';
  const sums = new StackSums(profile);
  for (const [index, { lane, title }] of lanes.entries()) {
    yield index > 0 ? ',' : '[';
    yield* laneProfile(profile, lane, { title, places, sums });
  }
  yield lanes.length > 0 ? ']}' : '[]}';
}

function frameText(profile: Profile, places: LinePlaces, place: number): string {
  const { name, file, firstLine } = recordedFunction(profile, places.func[place] ?? 0);
  const line = places.line[place] || firstLine;
  return jsonText({ name, ...(file === '' ? {} : { file }), ...(line > 0 ? { line } : {}) });
}

function* laneProfile(
  profile: Profile,
  lane: Lane,
  { title, places, sums }: { title: string; places: LinePlaces; sums: StackSums },
): Generator<string> {
  const rows = profile.info.hasTimeAxis ? () => timedRows(profile, lane) : () => sums.ofLane(lane);
  const [startValue, endValue] = profile.info.hasTimeAxis ? laneSpan(profile, lane) : [0, total(rows())];
  const head = {
    type: 'sampled',
    name: title,
    unit: units[profile.info.unit],
    startValue,
    endValue,
  };
  const stackText = stackTexts(profile, places);
  yield `${jsonText(head).slice(0, -1)},"samples":`;
  yield* jsonListOf(rows(), row => stackText(row.stack));
  yield ',"weights":';
  yield* jsonListOf(rows(), row => String(row.weight));
  yield '}';
}

interface Row {
  readonly stack: number;
  readonly weight: number;
}

/** The lane's samples, with the gaps between them as empty stacks. */
function* timedRows({ samples }: Profile, lane: Lane): Generator<Row> {
  let untilNs: number | undefined;
  for (let i = lane.firstSample; i < lane.firstSample + lane.sampleCount; i++) {
    const endNs = samples.endNs[i] ?? 0;
    const weightNs = samples.weightNs[i] ?? 0;
    const gapNs = endNs - weightNs - (untilNs ?? endNs - weightNs);
    if (gapNs > 0) yield { stack: -1, weight: gapNs };
    yield { stack: samples.node[i] ?? -1, weight: weightNs };
    untilNs = endNs;
  }
}

function laneSpan({ samples }: Profile, lane: Lane): readonly [number, number] {
  const first = lane.firstSample;
  const startNs = (samples.endNs[first] ?? 0) - (samples.weightNs[first] ?? 0);
  return [startNs, samples.endNs[first + lane.sampleCount - 1] ?? startNs];
}

function total(rows: Iterable<Row>): number {
  let sum = 0;
  for (const { weight } of rows) sum += weight;
  return sum;
}

const rememberedStacks = 4096;

/** `[3,1,4]`: the places of a stack, root first. Remembers a bounded number of them: samples repeat their stacks. */
function stackTexts({ nodes }: Profile, places: LinePlaces): (node: number) => string {
  const made = new Map<number, string>();
  return node => {
    const known = made.get(node);
    if (known !== undefined) return known;
    const path: number[] = [];
    for (let at = node; at >= 0; at = nodes.parent[at] ?? -1) {
      path.push(places.ofFrame[nodes.frame[at] ?? 0] ?? 0);
    }
    const text = `[${path.reverse().join(',')}]`;
    if (made.size >= rememberedStacks) made.clear();
    made.set(node, text);
    return text;
  };
}
