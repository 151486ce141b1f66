import { type Profile, sampleState } from '../../../shared/profile';
import { GrowingFloat64 } from '../../columns/growingColumn';

/** How the viewer shows the markers; `name` is the `type` in their data. */
export const markerSchema = [
  {
    name: 'PyrolensWaiting',
    tooltipLabel: 'Waiting',
    tableLabel: 'Off the CPU',
    display: ['marker-chart', 'marker-table'],
    fields: [],
  },
  {
    name: 'PyrolensGc',
    tooltipLabel: 'Garbage collection',
    tableLabel: 'Generation {marker.data.generation}',
    display: ['marker-chart', 'marker-table', 'timeline-overview'],
    fields: [{ key: 'generation', label: 'Generation', format: 'integer' }],
  },
];

/** The markers of one lane: its stretches of waiting, then its garbage collections. */
export interface FirefoxMarkers {
  readonly length: number;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  kindAt(index: number): 'waiting' | 'gc';
  dataAt(index: number): object;
}

/** Collects the markers of a lane. Waiting samples that follow each other are one marker. */
export function firefoxMarkers(profile: Profile, lane: number): FirefoxMarkers {
  const startNs = new GrowingFloat64();
  const endNs = new GrowingFloat64();
  if (profile.info.hasTimeAxis) addWaits(profile, lane, { startNs, endNs });
  const waitCount = startNs.length;
  const { gcPauses } = profile;
  const generations: number[] = [];
  const gcCount = profile.lanes[lane]?.kind === 'thread' ? gcPauses.length : 0;
  for (let i = 0; i < gcCount; i++) {
    if (gcPauses.lane[i] !== lane) continue;
    const gcStartNs = gcPauses.startNs[i] ?? 0;
    startNs.push(gcStartNs);
    endNs.push(gcStartNs + (gcPauses.durationNs[i] ?? 0));
    generations.push(gcPauses.generation[i] ?? 0);
  }
  return {
    length: startNs.length,
    startNs: startNs.toArray(),
    endNs: endNs.toArray(),
    kindAt: index => (index < waitCount ? 'waiting' : 'gc'),
    dataAt: index =>
      index < waitCount
        ? { type: 'PyrolensWaiting' }
        : { type: 'PyrolensGc', generation: generations[index - waitCount] ?? 0 },
  };
}

function addWaits(
  { lanes, samples }: Profile,
  index: number,
  { startNs, endNs }: { startNs: GrowingFloat64; endNs: GrowingFloat64 },
): void {
  const { firstSample = 0, sampleCount = 0 } = lanes[index] ?? {};
  for (let i = firstSample; i < firstSample + sampleCount; i++) {
    if (((samples.state[i] ?? 0) & sampleState.waiting) === 0) continue;
    const [at, until] = [(samples.endNs[i] ?? 0) - (samples.weightNs[i] ?? 0), samples.endNs[i] ?? 0];
    const last = endNs.length - 1;
    if (last >= 0 && at <= endNs.at(last, 0)) endNs.set(last, until, 0);
    else {
      startNs.push(at);
      endNs.push(until);
    }
  }
}
