import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from '../../shared/crc32';

const formatVersion = 1;
const kinds = { meta: 1, data: 2, end: 3 } as const;

/** A chunk stream on disk (`src/collectors/FORMAT.md`): checksummed chunks, each written by one append. */
export class ChunkFile {
  private readonly file: number;

  /** Makes the file and writes its header and meta chunk. Throws Node's error when that fails. */
  constructor(path: string, pid: number, meta: object) {
    this.file = openSync(path, 'ax', 0o644);
    const header = Buffer.alloc(16);
    header.write('PYROLENS', 'latin1');
    header.writeUInt16LE(formatVersion, 8);
    header.writeUInt32LE(pid, 12);
    this.write(Buffer.concat([header, chunk('meta', json(meta))]));
  }

  /** The records that began after `baseNs` on the monotonic clock. */
  appendData(baseNs: number, records: Uint8Array): void {
    const base = Buffer.alloc(8);
    base.writeBigUInt64LE(BigInt(Math.round(baseNs)));
    this.write(chunk('data', base, records));
  }

  /** Writes the last chunk and closes the file. */
  end(ending: object): void {
    this.write(chunk('end', json(ending)));
    closeSync(this.file);
  }

  private write(bytes: Uint8Array): void {
    const written = writeSync(this.file, bytes);
    if (written !== bytes.length) throw new Error('The chunk was cut off: the disk is full.');
  }
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function chunk(kind: keyof typeof kinds, ...parts: readonly Uint8Array[]): Buffer {
  const payload = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(payload.length, 0);
  head[4] = kinds[kind];
  head.writeUInt32LE(crc32(payload), 8);
  return Buffer.concat([head, payload]);
}
