import type { Profile } from '../../../shared/profile';

/** About how many bytes a profile takes with the tables that are made of it. */
export function memorySize({ samples, nodes, frames }: Profile): number {
  const perSample =
    21 +
    (samples.cpuNs.length && 8) +
    (samples.task.length && 4) +
    (samples.count.length && 8) +
    (samples.reason.length && 1);
  return samples.length * perSample + nodes.length * 60 + frames.length * 120 + 1_000_000;
}
