/** The records of hand-offs inside a data chunk: `src/collectors/FORMAT.md` describes them. */
import { type ByteReader, DamagedBytes } from '../bytes/byteReader';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { KnownIds } from './loopRecords';

const maxStages = 8;

/** Reads one into the shared builder. */
export function readHandoff(reader: ByteReader, builder: ProfileBuilder, ids: KnownIds): void {
  const isProcess = reader.varint() === 1;
  const [laneId, taskId, funcId] = [reader.varint() - 1, reader.varint() - 1, reader.varint() - 1];
  const [line, worker, startNs] = [reader.varint(), reader.varint(), reader.varint()];
  const [requestBytes, resultBytes] = [reader.varint(), reader.varint()];
  const stages = stagesOf(reader, isProcess);
  const func = funcId < 0 ? -1 : ids.func(funcId);
  const place = { func, line, endLine: line, column: -1, endColumn: -1 };
  builder.handoffs.rows.add({
    lane: laneId < 0 ? -1 : ids.lane(laneId),
    task: taskId < 0 ? -1 : ids.lane(taskId),
    frame: func < 0 ? -1 : builder.frame(place),
    workerLane: isProcess || worker === 0 ? -1 : ids.lane(worker - 1),
    workerPid: isProcess ? worker : 0,
    startNs,
    ...stages,
    requestBytes,
    resultBytes,
  });
}

/** A pool of threads has two of the stages: it queues and runs. */
function stagesOf(reader: ByteReader, isProcess: boolean) {
  const count = reader.varint();
  if (count > maxStages) throw new DamagedBytes('a hand-off has too many stages');
  const ns = Array.from({ length: count }, () => reader.varint());
  const [queueNs = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0, seventh = 0, eighth = 0] = ns;
  return {
    queueNs,
    requestPickleNs: isProcess ? second : 0,
    requestSendNs: third,
    requestUnpickleNs: fourth,
    runNs: isProcess ? fifth : second,
    resultPickleNs: sixth,
    resultSendNs: seventh,
    resultUnpickleNs: eighth,
  };
}
