import { ChunkedFloat64, ChunkedInt32 } from '../../columns/chunkedColumn';
import { OpenCalls } from './marks';
import { mergeOrder } from './mergeOrder';
import type { TraceLane, TraceLanes } from './traceLanes';

/** An asynchronous operation: events of one process, category and id belong together, on whatever thread they are. */
interface Operation {
  readonly lane: TraceLane;
  readonly open: OpenCalls;
  readonly free: TraceLane[];
}

/**
 * Asynchronous operations (`b`, `e`). They get lanes of their own: one for each name and as many more as operations of
 * that name ran at the same time.
 */
export class AsyncSlices {
  /** The latest event. */
  lastNs = Number.NEGATIVE_INFINITY;
  private readonly timeNs = new ChunkedFloat64();
  private readonly code = new ChunkedInt32();
  private readonly group = new ChunkedInt32();
  private readonly pids: number[] = [];
  private readonly groups = new Map<string, number>();

  add(event: { pid: number; key: string; name: number; timeNs: number; isEnd: boolean }): void {
    const key = `${event.pid} ${event.key}`;
    let group = this.groups.get(key);
    if (group === undefined) {
      group = this.pids.push(event.pid) - 1;
      this.groups.set(key, group);
    }
    if (event.timeNs > this.lastNs) this.lastNs = event.timeNs;
    this.timeNs.push(event.timeNs);
    this.code.push(event.isEnd ? (event.name < 0 ? -1 : event.name * 2 + 1) : event.name * 2);
    this.group.push(group);
  }

  /**
   * Makes lanes of the operations and returns how many ends had no beginning. What never ended lasts until `endNs`, or is left
   * out when that is not known.
   */
  match(lanes: TraceLanes, nameText: (name: number) => string, endNs?: number): number {
    const { timeNs } = this;
    const order = mergeOrder(this.code.length, (a, b) => timeNs.at(a) > timeNs.at(b));
    const running = new Map<number, Operation>();
    const free = new Map<string, { lanes: TraceLane[]; made: number }>();
    let strayCount = 0;
    for (const at of order) {
      const [group, code, now] = [this.group.at(at), this.code.at(at), timeNs.at(at)];
      let operation = running.get(group);
      if (code % 2 === 1 || code < 0) {
        if (operation === undefined) strayCount++;
        else operation.open.end(code < 0 ? -1 : (code - 1) / 2, now);
        if (operation?.open.isEmpty) {
          running.delete(group);
          operation.free.push(operation.lane);
        }
        continue;
      }
      if (operation === undefined) {
        operation = this.begin(lanes, free, { pid: this.pids[group] ?? 0, name: nameText(code / 2) });
        if (operation === undefined) continue;
        running.set(group, operation);
      }
      operation.open.begin(code / 2, now);
    }
    if (endNs !== undefined) for (const { open } of running.values()) open.closeAll(endNs);
    return strayCount;
  }

  private begin(
    lanes: TraceLanes,
    free: Map<string, { lanes: TraceLane[]; made: number }>,
    { pid, name }: { pid: number; name: string },
  ): Operation | undefined {
    const key = `${pid} ${name}`;
    const pool = free.get(key) ?? { lanes: [], made: 0 };
    free.set(key, pool);
    let lane = pool.lanes.pop();
    if (lane === undefined) {
      lane = lanes.add(pid, 0);
      if (lane === undefined) return undefined;
      pool.made++;
      lane.isTask = true;
      lane.addName(pool.made === 1 ? name : `${name} ${pool.made}`);
    }
    return { lane, open: new OpenCalls(lane.slices), free: pool.lanes };
  }
}
