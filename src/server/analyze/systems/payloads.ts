import type { Profile } from '../../../shared/profile';

/** What it cost to give the jobs of one line to other processes. */
export interface Payload {
  /** The line that submitted them, as a frame of the profile. */
  readonly frame: number;
  readonly jobCount: number;
  readonly runNs: number;
  /** Pickled, sent and unpickled, there and back. */
  readonly moveNs: number;
  readonly bytes: number;
}

/** By the line that submitted: jobs whose data was moved from one process to another, the costliest first. */
export function payloads({ handoffs, frames, functions }: Profile): Payload[] {
  const byLine = new Map<string, { -readonly [Key in keyof Payload]: Payload[Key] }>();
  for (let at = 0; at < (handoffs?.length ?? 0); at++) {
    const frame = handoffs?.frame[at] ?? -1;
    if (handoffs === undefined || frame < 0 || (handoffs.workerPid[at] ?? 0) <= 0) continue;
    const key = `${functions.file[frames.func[frame] ?? -1]}:${frames.line[frame]}`;
    const sums = byLine.get(key) ?? { frame, jobCount: 0, runNs: 0, moveNs: 0, bytes: 0 };
    byLine.set(key, sums);
    const { requestPickleNs, requestSendNs, requestUnpickleNs } = handoffs;
    const { resultPickleNs, resultSendNs, resultUnpickleNs } = handoffs;
    const moves = [
      requestPickleNs,
      requestSendNs,
      requestUnpickleNs,
      resultPickleNs,
      resultSendNs,
      resultUnpickleNs,
    ];
    sums.jobCount++;
    sums.runNs += handoffs.runNs[at] ?? 0;
    sums.moveNs += moves.reduce((sum, column) => sum + (column[at] ?? 0), 0);
    sums.bytes += (handoffs.requestBytes[at] ?? 0) + (handoffs.resultBytes[at] ?? 0);
  }
  return [...byLine.values()].sort((a, b) => b.moveNs - a.moveNs);
}
