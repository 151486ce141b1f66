import type { RawStack } from './rawStack';

const slots = 1 << 14;
/** How far from the innermost frame two walks may meet: half the slots, so that a search ends soon. */
export const meetingDepth = slots / 2;
const frameSpacing = 16;

/** Finds the frames of a stack by address, without an allocation for each stack. */
export class FrameIndex {
  private readonly frames = new Float64Array(slots);
  private readonly indexes = new Int32Array(slots);
  private readonly stamps = new Uint32Array(slots);
  private stamp = 0;

  /** Takes in the innermost frames and forgets all others. */
  fill(stack: RawStack): void {
    this.stamp++;
    const count = Math.min(stack.depth, meetingDepth);
    for (let index = 0; index < count; index++) {
      const frame = stack.frames[index] ?? 0;
      const slot = this.slotOf(frame);
      this.frames[slot] = frame;
      this.indexes[slot] = index;
      this.stamps[slot] = this.stamp;
    }
  }

  /** Where the frame stands in the stack, counted from the innermost; -1 when it is not among those taken in. */
  indexOf(frame: number): number {
    const slot = this.slotOf(frame);
    return this.stamps[slot] === this.stamp ? (this.indexes[slot] ?? -1) : -1;
  }

  /** The slot that holds the frame, else the free one that it would get. */
  private slotOf(frame: number): number {
    let slot = Math.floor(frame / frameSpacing) % slots;
    while (this.stamps[slot] === this.stamp && this.frames[slot] !== frame) slot = (slot + 1) % slots;
    return slot;
  }
}
