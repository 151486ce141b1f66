import { say } from '../../strings';
import type { ProfileBuilder } from '../model/profileBuilder';
import { LastStack } from '../stackText/foldedStacks';
import type { Dialect } from './collapsed';
import { pySpyHead } from './pySpyHeads';

const decoder = new TextDecoder();
const semicolon = 0x3b;
/** So many heads are remembered for a process: those of more threads are read anew each time. */
const maxHeads = 200;

/** A known head: its bytes without the semicolon behind it, and the lane that it stands for. */
interface KnownHead {
  readonly bytes: Uint8Array;
  readonly lane: number;
}

/** Finds the lane of each line of collapsed stacks, by the pseudo frames that some profilers put first. */
export class CollapsedLanes {
  /** The lane of the line that was last entered, and the stack that it had last. */
  lane = -1;
  last = new LastStack();
  private headLength = 0;
  private merged = -1;
  private readonly lanes = new Map<string, number>();
  private readonly lastStacks: LastStack[] = [];
  /** By their first bytes, which hold the number of the process or thread. */
  private readonly heads = new Map<string, KnownHead[]>();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly dialect: Dialect,
  ) {}

  /** Goes to the line `bytes[start … end - 1]` and returns where its frames begin. */
  enter(bytes: Uint8Array, start: number, end: number): number {
    const before = this.lane;
    if (this.dialect === 'tachyon') this.findTachyon(bytes, start, end);
    else if (this.dialect === 'pySpy') this.findPySpy(bytes, start, end);
    else if (this.lane < 0) this.lane = this.mergedLane();
    if (this.lane !== before) this.last = this.lastStackOf(this.lane);
    const from = start + this.headLength;
    return this.headLength > 0 && from < end ? from + 1 : from;
  }

  private lastStackOf(lane: number): LastStack {
    const known = this.lastStacks[lane];
    if (known !== undefined) return known;
    const last = new LastStack();
    this.lastStacks[lane] = last;
    return last;
  }

  private mergedLane(): number {
    if (this.merged < 0) this.merged = this.laneOf(0, 0, say('mergedThreads'));
    return this.merged;
  }

  private findTachyon(bytes: Uint8Array, start: number, end: number): void {
    let stop = start;
    while (stop < end && bytes[stop] !== semicolon) stop++;
    const match = stop - start > 30 ? null : /^tid:(\d+)$/.exec(decoder.decode(bytes.subarray(start, stop)));
    this.headLength = match === null ? 0 : stop - start;
    this.lane = match === null ? this.mergedLane() : this.laneOf(0, Number(match[1]), '');
  }

  private findPySpy(bytes: Uint8Array, start: number, end: number): void {
    if (!begins(bytes, start, processHead) && !begins(bytes, start, threadHead)) {
      this.headLength = 0;
      this.lane = this.mergedLane();
      return;
    }
    const key = decoder.decode(bytes.subarray(start, Math.min(end, start + keyLength)));
    const known = this.heads.get(key)?.find(head => isHead(head.bytes, bytes, start, end));
    if (known !== undefined) {
      this.headLength = known.bytes.length;
      this.lane = known.lane;
      return;
    }
    this.readPySpy(bytes.subarray(start, end), key);
  }

  private readPySpy(line: Uint8Array, key: string): void {
    // One character for each byte, so that lengths are those of the file.
    const stack = Buffer.from(line.subarray(0, maxHeadBytes)).toString('latin1');
    const head = pySpyHead(stack);
    const name = head.thread || (head.tid === 0 ? head.command : '');
    this.lane = this.laneOf(head.pid, head.tid, Buffer.from(name, 'latin1').toString());
    this.headLength = head.length;
    const known = this.heads.get(key) ?? [];
    // Without frames behind it, a name with semicolons may have been read too short.
    if (head.length === 0 || head.length === stack.length || known.length >= maxHeads) return;
    const added = [...known, { bytes: Uint8Array.from(line.subarray(0, head.length)), lane: this.lane }];
    // The longest first, so that «a;b» is not taken for «a».
    this.heads.set(
      key,
      added.sort((a, b) => b.bytes.length - a.bytes.length),
    );
  }

  private laneOf(pid: number, tid: number, name: string): number {
    const key = `${pid}:${tid}`;
    const known = this.lanes.get(key);
    const draft = known === undefined ? undefined : this.builder.laneDraft(known);
    if (known !== undefined && draft !== undefined) {
      if (draft.name === '') draft.name = name;
      draft.isMain ||= name === mainThread;
      return known;
    }
    const isMain = tid > 0 && (tid === pid || name === mainThread);
    const lane = this.builder.lane({ kind: 'thread', parent: -1, pid, tid, name, isMain });
    this.lanes.set(key, lane);
    return lane;
  }
}

/** Long enough to tell processes and threads apart: `thread (1234567`, `process 1234567:`. */
const keyLength = 16;
const maxHeadBytes = 256 * 1024;
const mainThread = 'MainThread';
const processHead = Buffer.from('process ');
const threadHead = Buffer.from('thread (');

function begins(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text[at]) return false;
  return true;
}

/** True when the line begins with the head, and then ends or goes on with a frame. */
function isHead(head: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const behind = start + head.length;
  if (behind > end || (behind < end && bytes[behind] !== semicolon)) return false;
  for (let at = 0; at < head.length; at++) if (bytes[start + at] !== head[at]) return false;
  return true;
}
