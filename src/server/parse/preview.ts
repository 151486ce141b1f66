import type { Profile, ProfileInfo } from '../../shared/profile';
import type { Slicer } from '../slicer';
import type { ProfileBuilder } from './model/profileBuilder';

/** Takes a profile of what was read so far, and which share of the file that is (0 … 1). */
export type ShowPartial = (profile: Profile, share: number) => Promise<void>;

/** Each picture costs a pass over what was read: so it may take this part of the time at most. */
const maxCostShare = 0.2;

/** Shows a large file while it is still being read, again and again at growing intervals. */
export class Preview {
  private dueMs: number;

  constructor(
    private readonly show: ShowPartial,
    private readonly slicer: Slicer,
    private readonly everyMs = 700,
  ) {
    this.dueMs = performance.now() + everyMs;
  }

  /**
   * Shows what is in the builder when it is time; call it wherever the parser pauses. `info` answers for what was
   * read so far.
   */
  async offer(builder: ProfileBuilder, info: () => ProfileInfo, share: number): Promise<void> {
    const beganMs = performance.now();
    if (beganMs < this.dueMs || builder.samples.length === 0) return;
    const known = info();
    const profile = await builder.snapshot(known, this.slicer);
    await this.show(profile, share);
    const nowMs = performance.now();
    this.dueMs = nowMs + Math.max(this.everyMs, (nowMs - beganMs) / maxCostShare);
  }
}

/** Pauses when the slice is used up, and shows what was read so far when somebody looks and it is time. */
export async function pauseAndShow(
  { slicer, preview }: { readonly slicer: Slicer; readonly preview?: Preview },
  builder: ProfileBuilder,
  info: () => ProfileInfo,
  share: number,
): Promise<void> {
  if (!slicer.isDue()) return;
  await slicer.pause(share);
  await preview?.offer(builder, info, share);
}
