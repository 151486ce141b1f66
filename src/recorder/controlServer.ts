import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FromLauncher, JsonLines, type ToLauncher } from './controlMessages';

/** The starter's end of the control channel. Serves exactly one launcher. */
export interface ControlServer {
  /** For the launcher's `--json-lines-to`. */
  readonly path: string;
  /** False when no launcher is connected. */
  send(message: ToLauncher): boolean;
  dispose(): void;
}

/** Listens on a private local socket, or a named pipe on Windows. `onClosed`: the launcher went away. */
export async function listenForLauncher(handlers: {
  onMessage: (message: FromLauncher) => void;
  onClosed: () => void;
}): Promise<ControlServer> {
  const path = await freePath();
  let peer: Socket | undefined;
  const server = createServer(socket => {
    peer = socket;
    const lines = new JsonLines<FromLauncher>(handlers.onMessage);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => lines.push(text));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      peer = undefined;
      handlers.onClosed();
    });
  });
  await listen(server, path);
  return {
    path,
    send(message) {
      if (peer?.writable !== true) return false;
      peer.write(`${JSON.stringify(message)}\n`);
      return true;
    },
    dispose: () => closeServer(server, peer, path),
  };
}

/** The folder is readable by this user only, which `mkdtemp` sees to; the name stays below macOS's limit of 104. */
async function freePath(): Promise<string> {
  const unique = randomBytes(6).toString('hex');
  if (process.platform === 'win32') return `\\\\.\\pipe\\pyrolens-${unique}`;
  return join(await mkdtemp(join(tmpdir(), 'pyrolens-')), 'control');
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function closeServer(server: Server, peer: Socket | undefined, path: string): void {
  server.close();
  peer?.destroy();
  if (process.platform !== 'win32') void rm(dirname(path), { recursive: true, force: true });
}
