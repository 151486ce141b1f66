import { connect, type Socket } from 'node:net';
import { type FromLauncher, JsonLines, type ToLauncher } from './controlMessages';

const flushTimeoutMs = 500;

/**
 * The launcher's end of the control channel. Losing it (the window was closed) changes nothing for the program: later
 * messages go nowhere.
 */
export class ControlLink {
  private socket: Socket | undefined;

  /** `path` undefined: nobody listens. */
  constructor(path: string | undefined, onMessage: (message: ToLauncher) => void) {
    if (path === undefined) return;
    const lines = new JsonLines<ToLauncher>(onMessage);
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => lines.push(text));
    socket.on('error', () => this.drop());
    socket.on('close', () => this.drop());
    this.socket = socket;
  }

  get isConnected(): boolean {
    return this.socket?.writable === true;
  }

  send(message: FromLauncher): void {
    if (this.isConnected) this.socket?.write(`${JSON.stringify(message)}\n`);
  }

  /** Resolves when everything sent has left, or after half a second. */
  async close(): Promise<void> {
    const socket = this.socket;
    if (!socket?.writable) return;
    await new Promise<void>(resolve => {
      setTimeout(resolve, flushTimeoutMs).unref();
      socket.end(resolve);
    });
  }

  private drop(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }
}
