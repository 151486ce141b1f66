import { type ChildProcess, spawn } from 'node:child_process';
import type { Environment } from '../engines/engine';

const maxSaidChars = 64 * 1024;

/** How a command went that was run for its answer. */
export interface BriefRun {
  readonly how: 'ended' | 'timedOut' | 'cancelled' | 'notStarted';
  /** Exit code; null when a signal ended it or it did not start. */
  readonly code: number | null;
  /** The end of what it wrote, 64 KiB of each at most. */
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not start, in the system's words, or the signal that ended it; empty otherwise. */
  readonly reason: string;
}

export interface BriefRunOptions {
  readonly timeoutMs: number;
  readonly env?: Environment;
  readonly cwd?: string;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
  /** Each line that it writes, while it runs. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs a command for its answer and never waits longer than told: at the limit the command ends with all its children,
 * which would otherwise hold its pipes open. Never rejects.
 */
export function runBriefly(command: readonly string[], options: BriefRunOptions): Promise<BriefRun> {
  const [program = '', ...args] = command;
  return new Promise(resolve => {
    let child: ChildProcess;
    try {
      child = spawn(program, args, {
        env: (options.env ?? process.env) as NodeJS.ProcessEnv,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own, so that all of it can be ended.
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
    } catch (error) {
      // A path with a NUL in it, for one, is refused at once.
      resolve({ how: 'notStarted', code: null, stdout: '', stderr: '', reason: (error as Error).message });
      return;
    }
    follow(child, options, resolve);
  });
}

function follow(child: ChildProcess, options: BriefRunOptions, resolve: (run: BriefRun) => void): void {
  const stdout = new Said(options.onLine);
  const stderr = new Said(options.onLine);
  child.stdout?.on('data', (data: Buffer) => stdout.add(data));
  child.stderr?.on('data', (data: Buffer) => stderr.add(data));
  const settle = (how: BriefRun['how'], code: number | null, reason = '') => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', cancel);
    resolve({ how, code, stdout: stdout.text, stderr: stderr.text, reason });
  };
  const endAs = (how: 'timedOut' | 'cancelled') => {
    endGroup(child);
    settle(how, null);
  };
  const cancel = () => endAs('cancelled');
  const timer = setTimeout(() => endAs('timedOut'), options.timeoutMs);
  options.signal?.addEventListener('abort', cancel);
  child.once('error', error => settle('notStarted', null, error.message));
  child.once('close', (code, signal) => settle('ended', code, signal ?? ''));
  if (options.signal?.aborted) cancel();
}

function endGroup(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** The last of what one stream said, and its lines as they come. */
class Said {
  text = '';
  private unfinished = '';

  constructor(private readonly onLine: ((line: string) => void) | undefined) {}

  add(data: Buffer): void {
    const text = data.toString('utf8');
    this.text = (this.text + text).slice(-maxSaidChars);
    const lines = (this.unfinished + text).split(/\r?\n|\r/);
    this.unfinished = (lines.pop() ?? '').slice(-maxSaidChars);
    for (const line of lines) if (line.trim() !== '') this.onLine?.(line.trimEnd());
  }
}
