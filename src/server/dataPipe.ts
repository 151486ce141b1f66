import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Slabs that nobody has fetched yet wait for a client up to this many bytes. */
const maxWaitingBytes = 256 * 1024 * 1024;
const maxLeavingMs = 500;

/**
 * The local socket (named pipe on Windows) that carries slabs to the client: frames of u32 slab id, u32 byte length,
 * bytes, little-endian. Only the user can reach it: it lies in a private folder, removed with it.
 */
export class DataPipe {
  private lastSlabId = 0;
  private readonly sockets = new Set<Socket>();
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private leaving: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly server: Server,
    private readonly folder: string | undefined,
  ) {
    server.on('connection', socket => this.accept(socket));
  }

  /** Opens a pipe and listens on it. */
  static async open(): Promise<DataPipe> {
    const isWindows = process.platform === 'win32';
    const name = `pyrolens-${randomBytes(8).toString('hex')}`;
    const folder = isWindows ? undefined : mkdtempSync(join(tmpdir(), 'pyrolens-'));
    const path = folder === undefined ? `\\\\.\\pipe\\${name}` : join(folder, 'data.sock');
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    // The pipe alone must not keep the process alive.
    server.unref();
    return new DataPipe(path, server, folder);
  }

  /** Sends a slab and answers the id under which it travels. It waits when nobody is connected yet. */
  send(slab: Uint8Array): number {
    this.lastSlabId = (this.lastSlabId % 0xfffffffe) + 1;
    const header = new Uint8Array(8);
    const view = new DataView(header.buffer);
    view.setUint32(0, this.lastSlabId, true);
    view.setUint32(4, slab.byteLength, true);
    if (this.sockets.size === 0) this.wait(header, slab);
    const writes = [...this.sockets].map(socket => {
      socket.write(header);
      return new Promise<void>(resolve => socket.write(slab, () => resolve()));
    });
    this.leaving = Promise.all(writes);
    return this.lastSlabId;
  }

  /** Resolves when the last slab has left, or after half a second: a client that does not read holds up nothing. */
  async sent(): Promise<void> {
    await Promise.race([this.leaving, delay(maxLeavingMs, undefined, { ref: false })]);
  }

  /** Closes the pipe and removes its folder. */
  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private wait(header: Uint8Array, slab: Uint8Array): void {
    this.waiting.push(header, slab);
    this.waitingBytes += slab.byteLength;
    while (this.waitingBytes > maxWaitingBytes && this.waiting.length > 2) {
      const [, dropped] = this.waiting.splice(0, 2);
      this.waitingBytes -= dropped?.byteLength ?? 0;
    }
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.unref();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    for (const bytes of this.waiting) socket.write(bytes);
    this.waiting = [];
    this.waitingBytes = 0;
  }
}
