import type { RecordWriter } from '../stream/recordWriter';
import type { InterpreterState } from './interpreters';

/** As readers of the format have it where nobody tells. */
const unknownGeneration = 255;
const oldestFirst = [2, 1, 0] as const;

interface Pause {
  readonly startNs: number;
  readonly lane: number;
  readonly countsBefore: readonly number[];
  endNs: number;
}

/**
 * Pauses of the garbage collector, as looks see them: one begins with the look before the first that finds the collector
 * at work, as the time of samples does. Most of those shorter than a look are not seen.
 */
export class GcPauses {
  private readonly open = new Map<InterpreterState, Pause>();

  constructor(private readonly records: RecordWriter) {}

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.open.size === 0;
  }

  /** Notes what a look found. `laneOf`: the lane of the thread with a state at an address; -1 none. */
  note(
    interpreter: InterpreterState,
    { previousNs, nowNs, laneOf }: { previousNs: number; nowNs: number; laneOf: (address: number) => number },
  ): void {
    let open = this.open.get(interpreter);
    if (open && !(interpreter.isCollecting && isSame(open, interpreter))) {
      this.end(interpreter, open);
      open = undefined;
    }
    if (!interpreter.isCollecting) return;
    if (open) open.endNs = nowNs;
    else this.begin(interpreter, previousNs, nowNs, laneOf(interpreter.gilHolder));
  }

  private begin(interpreter: InterpreterState, startNs: number, endNs: number, lane: number): void {
    this.open.set(interpreter, { startNs, endNs, lane, countsBefore: interpreter.collectionCounts });
  }

  /** Writes the pauses that go on. */
  endAll(): void {
    for (const [interpreter, pause] of this.open) this.end(interpreter, pause);
  }

  private end(interpreter: InterpreterState, { startNs, endNs, lane, countsBefore }: Pause): void {
    this.open.delete(interpreter);
    const counts = interpreter.collectionCounts;
    const generation = oldestFirst.find(index => counts[index] !== countsBefore[index]) ?? unknownGeneration;
    this.records.add('gc', startNs, endNs - startNs, generation, 0, lane + 1);
  }
}

/** A collection that has ended was counted: this is another. */
function isSame({ countsBefore }: Pause, { collectionCounts }: InterpreterState): boolean {
  return collectionCounts.every((count, index) => count === countsBefore[index]);
}
