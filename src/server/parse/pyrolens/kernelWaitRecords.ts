/** The records of what the kernel said of waiting threads: `src/collectors/FORMAT.md` describes them. */

import { GrowingInt32 } from '../../columns/growingColumn';
import type { ByteReader } from '../bytes/byteReader';
import type { ProfileBuilder } from '../model/profileBuilder';

/** What the writer's ids stand for. */
interface WriterIds {
  /** Indexes in the builder, -1 what was lost. */
  readonly lane: (id: number) => number;
  readonly node: (id: number) => number;
  /** Reads an id, and the string of one. */
  readonly id: (reader: ByteReader) => number;
  readonly text: (reader: ByteReader) => string;
}

/** Reads them into the shared builder. */
export class KernelWaitRecords {
  /** By tag. */
  readonly readers: Readonly<Record<number, (reader: ByteReader) => void>> = {
    56: reader => this.readResource(reader),
    57: reader => this.readWait(reader),
  };
  private readonly resources = new GrowingInt32();

  constructor(
    private readonly builder: ProfileBuilder,
    private readonly ids: WriterIds,
  ) {}

  private readResource(reader: ByteReader): void {
    const id = this.ids.id(reader);
    const [kind, name] = [reader.varint(), this.ids.text(reader)];
    this.resources.set(id, this.builder.kernelWaits.resource(kind, name, readAmount(reader)), -1);
  }

  private readWait(reader: ByteReader): void {
    const lane = this.ids.lane(reader.varint());
    const [atNs, stackId] = [reader.varint(), reader.varint() - 1];
    const [reason, direction, resourceId] = [reader.varint(), reader.varint(), reader.varint() - 1];
    const wait = {
      lane,
      atNs,
      node: stackId < 0 ? -1 : this.ids.node(stackId),
      reason,
      direction,
      resource: resourceId < 0 ? -1 : this.resources.at(resourceId, -1),
      askedBytes: readAmount(reader),
      queuedBytes: readAmount(reader),
      unsentBytes: readAmount(reader),
      readableBytes: readAmount(reader),
    };
    if (lane >= 0) this.builder.kernelWaits.rows.add(wait);
  }
}

/** NaN unknown. */
function readAmount(reader: ByteReader): number {
  const above = reader.varint();
  return above === 0 ? Number.NaN : above - 1;
}
