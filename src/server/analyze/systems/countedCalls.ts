import { functionKinds, type Profile } from '../../../shared/profile';
import type { OwnFrame } from './hotCalls';

/** Calls that hand over data, as a tracer counted them. Reads are no matter of count: they wait for what is there. */
export interface CountedCall {
  /** The own code that makes nearly all of them, as a frame of the profile. */
  readonly frame: number;
  /** As the tracer names it: `socket.send`. */
  readonly name: string;
  readonly callCount: number;
  readonly totalNs: number;
}

const handingOver = /^(?:socket|_SSLSocket|posix|nt)\.(?:send|sendall|sendto|write|fsync)$/;
/** Counts are of a function as a whole: they are told where one place makes nearly all of its calls. */
const mainShare = 0.9;
const native = functionKinds.indexOf('native');

/** Those that took longest first. None where calls were not counted. */
export function countedCalls(profile: Profile, ownFrame: OwnFrame): CountedCall[] {
  const { callCounts, functions, strings } = profile;
  if (callCounts === undefined) return [];
  const calls: CountedCall[] = [];
  for (const [func, byFrame] of timesByCaller(profile, ownFrame)) {
    const name = strings[functions.name[func] ?? -1] ?? '';
    const callCount = callCounts[func] ?? Number.NaN;
    const totalNs = [...byFrame.values()].reduce((sum, ns) => sum + ns, 0);
    const [[frame, mostNs] = [-1, 0]] = [...byFrame].sort((a, b) => b[1] - a[1]);
    if (!handingOver.test(name) || Number.isNaN(callCount) || mostNs < totalNs * mainShare) continue;
    calls.push({ frame, name, callCount, totalNs });
  }
  return calls.sort((a, b) => b.totalNs - a.totalNs);
}

/** Of each compiled function: how long it was innermost, by the own code that called it. */
function timesByCaller(profile: Profile, ownFrame: OwnFrame): Map<number, Map<number, number>> {
  const { functions, nodes, frames } = profile;
  const byFunction = new Map<number, Map<number, number>>();
  nodeTimes(profile).forEach((ns, node) => {
    const func = frames.func[nodes.frame[node] ?? -1] ?? -1;
    const frame = ns > 0 && functions.kind[func] === native ? ownFrame(node) : -1;
    if (frame < 0) return;
    const byFrame = byFunction.get(func) ?? new Map<number, number>();
    byFunction.set(func, byFrame);
    byFrame.set(frame, (byFrame.get(frame) ?? 0) + ns);
  });
  return byFunction;
}

/** Time of threads with each node innermost. */
function nodeTimes({ samples, lanes, nodes }: Profile): Float64Array {
  const ns = new Float64Array(nodes.length);
  for (const { kind, firstSample, sampleCount } of lanes) {
    if (kind !== 'thread') continue;
    for (let i = firstSample; i < firstSample + sampleCount; i++) {
      const node = samples.node[i] ?? -1;
      if (node >= 0) ns[node] = (ns[node] ?? 0) + (samples.weightNs[i] ?? 0);
    }
  }
  return ns;
}
