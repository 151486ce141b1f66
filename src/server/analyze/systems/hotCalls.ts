/** Finds the calls for which the kernel made threads wait, and puts together what it said of them. */
import {
  type KernelWaitTable,
  type Profile,
  type ResourceKind,
  sampleState,
  type TransferDirection,
  transferDirections,
} from '../../../shared/profile';
import { type HotCall, median, type QueueLengths } from './hotCall';

/** Waits of less than this, or seen less often, are no evidence. */
const minWaitNs = 20e6;
const minLooks = 3;
/** A pipe is full when all its pages are in use, which need not be full themselves. */
const fullPipeShare = 0.75;

/** Waits at one line for one kind of thing. */
interface Group {
  readonly frame: number;
  readonly direction: TransferDirection;
  readonly kind: ResourceKind;
  /** Rows of the table. */
  readonly rows: number[];
  totalNs: number;
  cpuNs: number;
  waitedNs: number;
}

/** Innermost own frame of a node, -1 when there is none. */
export type OwnFrame = (node: number) => number;

/** Those that waited longest first. None where the kernel was not asked. `ownFrame` leaves out what is of no interest. */
export function hotCalls(profile: Profile, ownFrame: OwnFrame): HotCall[] {
  const { kernelWaits: waits } = profile;
  if (waits === undefined) return [];
  const groups = new Map<string, Group>();
  const groupOfNode = new Map<number, Group>();
  for (let row = 0; row < waits.length; row++) {
    const node = waits.node[row] ?? -1;
    const frame = node < 0 ? -1 : ownFrame(node);
    const group = frame < 0 ? undefined : groupOf({ profile, waits, groups }, row, frame);
    if (group === undefined) continue;
    group.rows.push(row);
    groupOfNode.set(node, group);
  }
  addTimes(profile, groupOfNode);
  return [...groups.values()]
    .filter(({ rows, waitedNs }) => rows.length >= minLooks && waitedNs >= minWaitNs)
    .map(group => callOf(waits, group))
    .sort((a, b) => b.waitedNs - a.waitedNs);
}

/** The group of a wait that moves data; undefined for one that does not. */
function groupOf(
  { profile, waits, groups }: { profile: Profile; waits: KernelWaitTable; groups: Map<string, Group> },
  row: number,
  frame: number,
): Group | undefined {
  const direction = transferDirections[waits.direction[row] ?? 0] ?? 'none';
  const resource = waits.resources[waits.resource[row] ?? -1];
  if (direction === 'none' || resource === undefined) return undefined;
  const { kind } = resource;
  const key = `${placeKey(profile, frame)} ${direction} ${kind}`;
  const group = groups.get(key) ?? { frame, direction, kind, rows: [], totalNs: 0, cpuNs: 0, waitedNs: 0 };
  groups.set(key, group);
  return group;
}

function placeKey({ frames, functions }: Profile, frame: number): string {
  return `${functions.file[frames.func[frame] ?? -1]}:${frames.line[frame]}`;
}

/** Adds up the samples of threads that were in the calls. */
function addTimes({ samples, lanes }: Profile, groupOfNode: ReadonlyMap<number, Group>): void {
  for (const { kind, firstSample, sampleCount } of lanes) {
    if (kind !== 'thread') continue;
    for (let i = firstSample; i < firstSample + sampleCount; i++) {
      const group = groupOfNode.get(samples.node[i] ?? -1);
      if (group === undefined) continue;
      const weightNs = samples.weightNs[i] ?? 0;
      const cpuNs = Math.min(weightNs, samples.cpuNs[i] || 0);
      const isWaiting = ((samples.state[i] ?? 0) & sampleState.waiting) !== 0;
      group.totalNs += weightNs;
      group.cpuNs += cpuNs;
      if (isWaiting) group.waitedNs += weightNs - cpuNs;
    }
  }
}

function callOf(waits: KernelWaitTable, { rows, ...sums }: Group): HotCall {
  const { direction, kind } = sums;
  const known = (column: Float64Array) =>
    rows.map(row => column[row] ?? Number.NaN).filter(value => !Number.isNaN(value));
  const capacityBytes = median(
    rows
      .map(row => waits.resources[waits.resource[row] ?? -1]?.capacityBytes ?? Number.NaN)
      .filter(bytes => !Number.isNaN(bytes)),
  );
  const isFull = (bytes: number) => (kind === 'pipe' ? bytes >= capacityBytes * fullPipeShare : bytes > 0);
  const isWrite = direction === 'write';
  const waiting = kind === 'pipe' ? waits.queuedBytes : waits.readableBytes;
  return {
    ...sums,
    names: namesOf(waits, rows),
    capacityBytes,
    lookCount: rows.length,
    fullCount: isWrite ? known(waits.queuedBytes).filter(isFull).length : 0,
    emptyCount: isWrite ? 0 : known(waiting).filter(bytes => bytes === 0).length,
    askedBytes: median(known(waits.askedBytes)),
    queue: isWrite ? queueOf(waits, rows) : undefined,
  };
}

function queueOf(waits: KernelWaitTable, rows: readonly number[]): QueueLengths | undefined {
  const told = rows.filter(row => !Number.isNaN(waits.queuedBytes[row] ?? Number.NaN));
  if (told.length === 0) return undefined;
  told.sort((a, b) => (waits.atNs[a] ?? 0) - (waits.atNs[b] ?? 0));
  const bytes = told.map(row => waits.queuedBytes[row] ?? 0);
  const unsent = told.map(row => waits.unsentBytes[row] ?? Number.NaN).filter(value => !Number.isNaN(value));
  return {
    atNs: told.map(row => waits.atNs[row] ?? 0),
    bytes,
    medianBytes: median(bytes),
    maxBytes: bytes.reduce((most, value) => Math.max(most, value), 0),
    unsentBytes: median(unsent),
  };
}

function namesOf({ resources, resource }: KernelWaitTable, rows: readonly number[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const name = resources[resource[row] ?? -1]?.name ?? '';
    if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}
