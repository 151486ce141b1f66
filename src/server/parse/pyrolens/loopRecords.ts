/** The records of what was measured from inside, event loops first, in a data chunk: `src/collectors/FORMAT.md` describes them. */
import type { ByteReader } from '../bytes/byteReader';
import type { ProfileBuilder } from '../model/profileBuilder';
import { readHandoff } from './handoffRecords';
import { readMissedWake, readUsage, readWait } from './waitRecords';

/** What the writer's ids stand for in the builder; -1 what was lost. */
export interface KnownIds {
  readonly lane: (id: number) => number;
  readonly func: (id: number) => number;
  readonly text: (id: number) => string;
}

/** Reads them into the shared builder. */
export class LoopRecords {
  /** By tag. */
  readonly readers: Readonly<Record<number, (reader: ByteReader) => void>> = {
    48: reader => this.readStep(reader),
    49: reader => this.readDelay(reader),
    50: reader => this.readRound(reader),
    51: reader => this.readSecond(reader),
    52: reader => readHandoff(reader, this.builder, this.ids),
    53: reader => readWait(reader, this.builder, this.ids),
    54: reader => readMissedWake(reader, this.builder, this.ids),
    55: reader => readUsage(reader, this.builder, this.ids),
  };

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly ids: KnownIds,
  ) {}

  private readStep(reader: ByteReader): void {
    const lane = this.ids.lane(reader.varint());
    const [startNs, durationNs, cpuNs] = [reader.varint(), reader.varint(), reader.varint()];
    const [delayNs, readyCount] = [reader.varint(), reader.varint()];
    const subject = this.readSubject(reader);
    if (lane < 0) return;
    this.builder.loops.steps.add({ lane, startNs, durationNs, cpuNs, delayNs, readyCount, ...subject });
  }

  private readDelay(reader: ByteReader): void {
    const lane = this.ids.lane(reader.varint());
    const [startNs, delayNs] = [reader.varint(), reader.varint()];
    const subject = this.readSubject(reader);
    if (lane >= 0) this.builder.loops.delays.add({ lane, startNs, delayNs, ...subject });
  }

  /** The lane of a task and a function, each + 1. The function becomes a frame whose line is not known. */
  private readSubject(reader: ByteReader): { task: number; frame: number } {
    const [taskId, funcId] = [reader.varint() - 1, reader.varint() - 1];
    const func = funcId < 0 ? -1 : this.ids.func(funcId);
    const place = { func, line: 0, endLine: 0, column: -1, endColumn: -1 };
    return {
      task: taskId < 0 ? -1 : this.ids.lane(taskId),
      frame: func < 0 ? -1 : this.builder.frame(place),
    };
  }

  private readRound(reader: ByteReader): void {
    const lane = this.ids.lane(reader.varint());
    const [startNs, durationNs, stepCount] = [reader.varint(), reader.varint(), reader.varint()];
    const [cpuNs, delayedCount, readyCount] = [reader.varint(), reader.varint(), reader.varint()];
    const round = { lane, startNs, durationNs, stepCount, cpuNs, delayedCount, readyCount };
    if (lane >= 0) this.builder.loops.rounds.add(round);
  }

  private readSecond(reader: ByteReader): void {
    const lane = this.ids.lane(reader.varint());
    const [startNs, durationNs] = [reader.varint(), reader.varint()];
    const [roundCount, stepCount] = [reader.varint(), reader.varint()];
    const [busyNs, pollNs, cpuNs] = [reader.varint(), reader.varint(), reader.varint()];
    const [longestNs, longestDelayNs] = [reader.varint(), reader.varint()];
    const sums = { roundCount, stepCount, busyNs, pollNs, cpuNs, longestNs, longestDelayNs };
    const readyCount = reader.varint();
    if (lane >= 0) this.builder.loops.seconds.add({ lane, startNs, durationNs, ...sums, readyCount });
  }
}
