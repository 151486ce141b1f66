import { type FileHandle, open } from 'node:fs/promises';

const fileHeaderBytes = 16;
const chunkHeaderBytes = 12;
const endKind = 3;
const maxPayloadBytes = 64 * 1024 * 1024;

/**
 * True when a chunk stream carries its end chunk (`src/collectors/FORMAT.md`). Reads the chunk headers only, so that
 * a long recording costs a few system calls per second recorded. A damaged length counts as «not ended».
 */
export async function streamHasEnded(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    return await findEndChunk(file);
  } finally {
    await file.close();
  }
}

async function findEndChunk(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  const header = Buffer.alloc(chunkHeaderBytes);
  let offset = fileHeaderBytes;
  while (offset + chunkHeaderBytes <= size) {
    await file.read(header, 0, chunkHeaderBytes, offset);
    const payloadBytes = header.readUInt32LE(0);
    if (payloadBytes > maxPayloadBytes) return false;
    offset += chunkHeaderBytes + payloadBytes;
    if (header.readUInt8(4) === endKind) return offset <= size;
  }
  return false;
}
