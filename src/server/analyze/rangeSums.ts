import type { Profile } from '../../shared/profile';
import { functionOfNode } from './functionTimes';
import { functionTree } from './functionTree';
import { makeUnionBlocks } from './itemTimes';
import { lineItems } from './lineTimes';
import type { Measurement } from './measurement';
import { preparingNodes } from './nodeTimes';
import { makingStays } from './stays';
import type { Steps } from './steps';

/** Smaller runs are walked through in no time. */
const leastSamples = 300_000;

/** Whether a run is so large that `preparingFunctions` and `preparingLines` help. */
export function isPrepared({ samples }: Profile): boolean {
  return samples.length >= leastSamples;
}

/**
 * Works out beforehand what makes functions quick to measure, over the whole run and over any stretch of it. `whole` measures
 * the whole run. Numbers are the same with and without it.
 */
export function* preparingFunctions(whole: Measurement): Steps<void> {
  const { profile } = whole;
  const itemOfNode = functionOfNode(functionTree(profile));
  yield* preparing(whole, itemOfNode, profile.functions.length);
}

/** The same for lines. */
export function* preparingLines(whole: Measurement): Steps<void> {
  const items = lineItems(whole.profile);
  yield* preparing(whole, items.ofNode, items.length);
}

function* preparing(whole: Measurement, itemOfNode: Int32Array, itemCount: number): Steps<void> {
  const { profile, subset } = whole;
  yield* makingStays(profile);
  yield* preparingNodes(profile, subset);
  const query = { profile, subset, times: whole.times, itemOfNode, itemCount };
  yield* makeUnionBlocks({ ...query, part: 'total' });
  yield* makeUnionBlocks({ ...query, part: 'self' });
}
