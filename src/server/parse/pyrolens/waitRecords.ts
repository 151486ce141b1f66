/** The records of known waits and of the kernel's counters in a data chunk: `src/collectors/FORMAT.md` describes them. */
import { waitKinds } from '../../../shared/profile';
import { type ByteReader, DamagedBytes } from '../bytes/byteReader';
import type { ProfileBuilder } from '../model/profileBuilder';
import type { KnownIds } from './loopRecords';

/** Reads a wait into the shared builder. */
export function readWait(reader: ByteReader, builder: ProfileBuilder, ids: KnownIds): void {
  const lane = ids.lane(reader.varint());
  const [kind, startNs, durationNs, object] = [
    reader.varint(),
    reader.varint(),
    reader.varint(),
    reader.varint(),
  ];
  if (kind >= waitKinds.length) throw new DamagedBytes(`a wait of kind ${kind}`);
  const name = builder.string(ids.text(reader.varint()));
  const holder = readHolder(reader, builder, ids);
  if (lane < 0) return;
  builder.waits.waits.add({ lane, kind, startNs, durationNs, object, name, ...holder });
}

/** Reads a callback that a loop was not woken for. */
export function readMissedWake(reader: ByteReader, builder: ProfileBuilder, ids: KnownIds): void {
  const lane = ids.lane(reader.varint());
  const [startNs, durationNs] = [reader.varint(), reader.varint()];
  const holder = readHolder(reader, builder, ids);
  if (lane >= 0) builder.loops.missedWakes.add({ lane, startNs, durationNs, ...holder });
}

/** Reads what the kernel counted. */
export function readUsage(reader: ByteReader, builder: ProfileBuilder, ids: KnownIds): void {
  const lane = ids.lane(reader.varint());
  const [endNs, durationNs, kernelNs] = [reader.varint(), reader.varint(), reader.varint()];
  const [minorFaults, majorFaults, throttledNs] = [reader.varint(), reader.varint(), reader.varint()];
  const counts = { kernelNs, minorFaults, majorFaults, throttledNs };
  if (lane >= 0) builder.waits.usages.add({ lane, startNs: endNs - durationNs, durationNs, ...counts });
}

/** A thread's lane and a function, each + 1, and the line. */
function readHolder(reader: ByteReader, builder: ProfileBuilder, ids: KnownIds) {
  const [laneId, funcId, line] = [reader.varint() - 1, reader.varint() - 1, reader.varint()];
  const func = funcId < 0 ? -1 : ids.func(funcId);
  const place = { func, line, endLine: line, column: -1, endColumn: -1 };
  return {
    holderLane: laneId < 0 ? -1 : ids.lane(laneId),
    frame: func < 0 ? -1 : builder.frame(place),
  };
}
