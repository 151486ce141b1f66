import { type Profile, sampleState } from '../../shared/profile';
import { sliceStates } from '../../shared/views';
import { grown } from '../columns/growingColumn';

const running = sliceStates.indexOf('running');
const idle = sliceStates.indexOf('idle');
const waiting = sliceStates.indexOf('waiting');
const mixed = sliceStates.indexOf('mixed');

/** What a stack tells of its samples, by node. */
export interface StackLook {
  /** The frame that stands for the stack, -1 none. */
  frameOf(node: number): number;
  /** Nobody is delayed by a wait with this stack. */
  isIdle(node: number): boolean;
}

/** The slice that is added next: one object for all, since millions are added. */
interface Piece {
  startNs: number;
  endNs: number;
  state: number;
  frame: number;
  runningNs: number;
  waitingNs: number;
  longestNs: number;
}

/**
 * The slices of a lane in columns, ordered by start: neighbours at one function in one state are one slice, and narrow ones
 * are put together. Of such a mixture its longest function is named.
 */
export class SliceColumns {
  length = 0;
  startNs = new Float64Array(256);
  endNs = new Float64Array(256);
  state = new Uint8Array(256);
  /** Frame of the profile, -1 none. */
  frame = new Int32Array(256);
  private runningNs = new Float64Array(256);
  private waitingNs = new Float64Array(256);
  private longestNs = new Float64Array(256);
  private readonly piece: Piece = {
    startNs: 0,
    endNs: 0,
    state: 0,
    frame: -1,
    runningNs: 0,
    waitingNs: 0,
    longestNs: 0,
  };

  constructor(
    private readonly frameFunc: Int32Array,
    private readonly minWidthNs: number,
  ) {}

  /** Adds a sample; one without a stack leaves a hole. */
  addSample({ samples }: Profile, sample: number, look: StackLook): void {
    const node = samples.node[sample] ?? -1;
    if (node < 0) return;
    const { piece } = this;
    const weightNs = samples.weightNs[sample] ?? 0;
    piece.endNs = samples.endNs[sample] ?? 0;
    piece.startNs = piece.endNs - weightNs;
    piece.state = stateOf(samples.state[sample] ?? 0, node, look);
    piece.frame = look.frameOf(node);
    piece.runningNs = piece.state === running ? weightNs : 0;
    piece.waitingNs = piece.state === waiting ? weightNs : 0;
    piece.longestNs = weightNs;
    this.addPiece();
  }

  /** Adds a slice of finer columns. */
  addSlice(finer: SliceColumns, slice: number): void {
    const { piece } = this;
    piece.startNs = finer.startNs[slice] ?? 0;
    piece.endNs = finer.endNs[slice] ?? 0;
    piece.state = finer.state[slice] ?? 0;
    piece.frame = finer.frame[slice] ?? -1;
    piece.runningNs = finer.runningNs[slice] ?? 0;
    piece.waitingNs = finer.waitingNs[slice] ?? 0;
    piece.longestNs = finer.longestNs[slice] ?? 0;
    this.addPiece();
  }

  /** First slice that ends after `ns`, the length when there is none. */
  firstAfter(ns: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.endNs[middle] ?? 0) > ns) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Gives back the room for slices to come. */
  trim(): void {
    const { length } = this;
    this.startNs = this.startNs.slice(0, length);
    this.endNs = this.endNs.slice(0, length);
    this.state = this.state.slice(0, length);
    this.frame = this.frame.slice(0, length);
    this.runningNs = this.runningNs.slice(0, length);
    this.waitingNs = this.waitingNs.slice(0, length);
    this.longestNs = this.longestNs.slice(0, length);
  }

  private addPiece(): void {
    const { piece, minWidthNs } = this;
    const last = this.length - 1;
    const lastEndNs = this.endNs[last] ?? Number.NEGATIVE_INFINITY;
    if (piece.startNs > lastEndNs + minWidthNs) this.push();
    else if (this.continues(last)) this.extend(last, true);
    else if (lastEndNs - (this.startNs[last] ?? 0) < minWidthNs) this.extend(last, false);
    else this.push();
  }

  private continues(last: number): boolean {
    const { piece } = this;
    if (last < 0 || this.state[last] !== piece.state) return false;
    const frame = this.frame[last] ?? -1;
    if (frame === piece.frame) return true;
    return frame >= 0 && piece.frame >= 0 && this.frameFunc[frame] === this.frameFunc[piece.frame];
  }

  private extend(last: number, isSame: boolean): void {
    const { piece } = this;
    this.endNs[last] = piece.endNs;
    this.runningNs[last] = (this.runningNs[last] ?? 0) + piece.runningNs;
    this.waitingNs[last] = (this.waitingNs[last] ?? 0) + piece.waitingNs;
    if (isSame) {
      this.longestNs[last] = (this.longestNs[last] ?? 0) + piece.longestNs;
      return;
    }
    this.state[last] = this.stateOfMixture(last);
    if (piece.longestNs <= (this.longestNs[last] ?? 0)) return;
    this.frame[last] = piece.frame;
    this.longestNs[last] = piece.longestNs;
  }

  /** Mostly work, mostly waiting, or mostly nothing to do. */
  private stateOfMixture(slice: number): number {
    const widthNs = (this.endNs[slice] ?? 0) - (this.startNs[slice] ?? 0);
    const runningNs = this.runningNs[slice] ?? 0;
    const waitingNs = this.waitingNs[slice] ?? 0;
    if (runningNs * 2 >= widthNs) return mixed;
    return waitingNs >= widthNs - runningNs - waitingNs ? waiting : idle;
  }

  private push(): void {
    const { piece } = this;
    if (this.length === this.startNs.length) this.grow();
    const at = this.length++;
    this.startNs[at] = piece.startNs;
    this.endNs[at] = piece.endNs;
    this.state[at] = piece.state;
    this.frame[at] = piece.frame;
    this.runningNs[at] = piece.runningNs;
    this.waitingNs[at] = piece.waitingNs;
    this.longestNs[at] = piece.longestNs;
  }

  private grow(): void {
    const needed = this.length + 1;
    this.startNs = grown(this.startNs, needed, Float64Array);
    this.endNs = grown(this.endNs, needed, Float64Array);
    this.state = grown(this.state, needed, Uint8Array);
    this.frame = grown(this.frame, needed, Int32Array);
    this.runningNs = grown(this.runningNs, needed, Float64Array);
    this.waitingNs = grown(this.waitingNs, needed, Float64Array);
    this.longestNs = grown(this.longestNs, needed, Float64Array);
  }
}

function stateOf(bits: number, node: number, look: StackLook): number {
  if ((bits & sampleState.suspended) !== 0) return idle;
  if ((bits & sampleState.waiting) === 0) return running;
  return look.isIdle(node) ? idle : waiting;
}
