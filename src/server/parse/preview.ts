import type { Profile, ProfileInfo } from '../../shared/profile';
import type { Slicer } from '../slicer';
import { memorySize } from './model/memorySize';
import type { ProfileBuilder } from './model/profileBuilder';

/** Takes a profile of what was read so far, and which share of the file that is (0 … 1). */
export type ShowPartial = (profile: Profile, share: number) => Promise<void>;

/**
 * Makes a profile of what was read so far and leaves everything as it was. Undefined when there is nothing to see yet, or
 * nothing that is true: that answer must cost little, for it is asked again soon.
 */
export type Picture = (slicer: Slicer) => Promise<Profile | undefined>;

/** Each picture costs a pass over what was read: so it may take this part of the time at most. */
const maxCostShare = 0.2;
/** A picture stays in memory while the next one, or the whole, is made: behind one of this size comes the whole. */
const largeBytes = 64e6;

/** Shows a large file while it is still being read, again and again at growing intervals. */
export class Preview {
  private dueMs: number;
  private readonly slicer: Slicer;

  constructor(
    private readonly show: ShowPartial,
    slicer: Slicer,
    private readonly everyMs = 700,
  ) {
    this.slicer = slicer.withoutProgress();
    this.dueMs = performance.now() + everyMs;
  }

  /** Shows the picture when it is time; call it wherever the parser pauses. */
  async offer(share: number, picture: Picture): Promise<void> {
    const beganMs = performance.now();
    if (beganMs < this.dueMs) return;
    const profile = await picture(this.slicer);
    if (profile !== undefined) await this.show(profile, share);
    const nowMs = performance.now();
    const restMs = (nowMs - beganMs) / maxCostShare;
    this.dueMs = nowMs + (profile === undefined ? restMs : Math.max(this.everyMs, restMs));
    if (profile !== undefined && memorySize(profile) > largeBytes) this.dueMs = Number.POSITIVE_INFINITY;
  }
}

/** What pausing and showing takes of a parser's context. */
export interface Pausing {
  readonly slicer: Slicer;
  readonly preview?: Preview;
}

/** Pauses when the slice is used up, and shows the picture when somebody looks and it is time. */
export async function pauseAndOffer(
  { slicer, preview }: Pausing,
  share: number,
  picture: Picture,
): Promise<void> {
  if (!slicer.isDue()) return;
  await slicer.pause(share);
  await preview?.offer(share, picture);
}

/** The same with what is in the builder as the picture. `info` answers for what was read so far. */
export function pauseAndShow(
  context: Pausing,
  builder: ProfileBuilder,
  info: () => ProfileInfo,
  share: number,
): Promise<void> {
  return pauseAndOffer(context, share, async slicer =>
    builder.samples.length === 0 ? undefined : builder.snapshot(info(), slicer),
  );
}
