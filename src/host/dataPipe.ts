import { connect, type Socket } from 'node:net';
import { PyrolensError } from '../shared/failures';

const frameHeaderBytes = 8;

interface Waiting {
  readonly resolve: (slab: ArrayBuffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The receiving end of the server's slabs: frames of u32 slab id, u32 byte length, bytes. A slab may arrive before or
 * after it is asked for; each is handed out once, in a buffer of exactly its size.
 */
export class DataPipe {
  private readonly arrived = new Map<number, ArrayBuffer>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly frames = new FrameReader((id, slab) => this.deliver(id, slab));
  private hasClosed = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => this.frames.push(bytes));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  /** Connects to the path that the server named. Fails with `serverDown`. */
  static connect(path: string): Promise<DataPipe> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('connect', () => resolve(new DataPipe(socket)));
      socket.once('error', error => reject(new PyrolensError('serverDown', { reason: error.message })));
    });
  }

  get isClosed(): boolean {
    return this.hasClosed;
  }

  /** Resolves when the slab is here. Fails with `serverDown` when the server goes away first. */
  take(slabId: number): Promise<ArrayBuffer> {
    const slab = this.arrived.get(slabId);
    if (slab) {
      this.arrived.delete(slabId);
      return Promise.resolve(slab);
    }
    if (this.hasClosed) return Promise.reject(new PyrolensError('serverDown'));
    return new Promise((resolve, reject) => this.waiting.set(slabId, { resolve, reject }));
  }

  dispose(): void {
    this.socket.destroy();
    this.close();
  }

  private deliver(id: number, slab: ArrayBuffer): void {
    const waiting = this.waiting.get(id);
    if (!waiting) {
      this.arrived.set(id, slab);
      return;
    }
    this.waiting.delete(id);
    waiting.resolve(slab);
  }

  private close(): void {
    this.hasClosed = true;
    for (const { reject } of this.waiting.values()) reject(new PyrolensError('serverDown'));
    this.waiting.clear();
    this.arrived.clear();
  }
}

/** Puts frames together from whatever pieces the socket delivers, copying each byte once. */
export class FrameReader {
  private readonly header = Buffer.alloc(frameHeaderBytes);
  private headerLength = 0;
  private slab: Uint8Array | undefined;
  private slabLength = 0;

  constructor(private readonly onFrame: (id: number, slab: ArrayBuffer) => void) {}

  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) rest = this.slab ? this.fillSlab(this.slab, rest) : this.fillHeader(rest);
  }

  private fillHeader(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, frameHeaderBytes - this.headerLength);
    this.header.set(part, this.headerLength);
    this.headerLength += part.length;
    if (this.headerLength === frameHeaderBytes) {
      this.slab = new Uint8Array(this.header.readUInt32LE(4));
      this.slabLength = 0;
      this.finishIfComplete(this.slab);
    }
    return bytes.subarray(part.length);
  }

  private fillSlab(slab: Uint8Array, bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, slab.length - this.slabLength);
    slab.set(part, this.slabLength);
    this.slabLength += part.length;
    this.finishIfComplete(slab);
    return bytes.subarray(part.length);
  }

  private finishIfComplete(slab: Uint8Array): void {
    if (this.slabLength < slab.length) return;
    this.slab = undefined;
    this.headerLength = 0;
    this.onFrame(this.header.readUInt32LE(0), slab.buffer as ArrayBuffer);
  }
}
