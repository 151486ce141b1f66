import { type ChildProcess, spawn } from 'node:child_process';
import { get } from 'node:http';
import { until } from './until';

/** A small HTTP server in Python, on the loopback interface and a free port: it works in `crunch` now and then. */
export const serverSource = `import http.server, sys, threading, time

def crunch(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(n * n for n in range(200))

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        crunch(0.01)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"served")

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, name="serving", daemon=True).start()
print("port", server.server_address[1], flush=True)
while True:
    crunch(0.05)
    time.sleep(0.02)
`;

/** A program that the tests started and that knows nothing of Pyrolens. */
export interface RunningServer {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything that it has printed. */
  output(): string;
  /** What it answers now. */
  answer(): Promise<string>;
  /** Resolves when it has ended. */
  ended(): Promise<void>;
}

/** Starts the script, which prints its port first. The caller ends it. */
export async function startServer(
  command: readonly string[],
  script: string,
  options: { readonly cwd?: string; readonly uid?: number } = {},
): Promise<RunningServer> {
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, script], options);
  process.once('exit', () => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', data => (output += String(data)));
  child.stderr.on('data', data => (output += String(data)));
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  const port = await until('the server’s port', () => {
    if (child.exitCode !== null) throw new Error(output);
    return Number(/^port (\d+)/m.exec(output)?.[1]);
  });
  return {
    pid: child.pid ?? 0,
    child,
    output: () => output,
    answer: () => fetchText(`http://127.0.0.1:${port}/`),
    ended: () => ended,
  };
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, response => {
      let text = '';
      response.on('data', data => (text += String(data)));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}
