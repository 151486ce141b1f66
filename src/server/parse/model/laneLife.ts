import type { Lane, Profile } from '../../../shared/profile';
import { boundedTime } from './bounds';

/** A lane's beginning or end. NaN stays: it is «from its first sample on». */
export function lifeTime(ns: number): number {
  return Number.isNaN(ns) ? ns : boundedTime(ns);
}

/** Fills a lane's unknown start and end from its samples. A damaged life does not end before it starts. */
export function withLife(lane: Lane, samples: Profile['samples']): Lane {
  const last = lane.firstSample + lane.sampleCount - 1;
  const firstNs = (samples.endNs[lane.firstSample] ?? 0) - (samples.weightNs[lane.firstSample] ?? 0);
  const sampledNs =
    lane.sampleCount === 0 ? { startNs: 0, endNs: 0 } : { startNs: firstNs, endNs: samples.endNs[last] ?? 0 };
  const startNs = Number.isNaN(lane.startNs) ? sampledNs.startNs : lane.startNs;
  const endNs = Number.isNaN(lane.endNs) ? sampledNs.endNs : Math.max(lane.endNs, sampledNs.endNs);
  return { ...lane, startNs, endNs: Math.max(startNs, endNs) };
}
