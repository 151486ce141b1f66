import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttachedTarget, Engine } from '../engines/index';
import type { Attachment } from './attachment';

const pollMs = 40;
/** A program that comes to Python code by then has hardly been waited for. */
const quietMs = 1_000;
const stopTimeoutMs = 4_000;

const scriptFile = 'attach.py';
/** The script in the program writes here why it does not record. */
const refusalFile = 'attach.refused';
const sendScript = 'import sys\nsys.remote_exec(int(sys.argv[1]), sys.argv[2])\n';

/**
 * The engine inside the program, begun by `sys.remote_exec` (Python 3.14 or later). The program's main thread runs the
 * script when it next comes to Python code; there is no answer but what the script leaves in the run folder.
 */
export class RemoteAttachment implements Attachment {
  readonly pid = undefined;
  reason = '';
  hasEnded = false;
  private hasBegun = false;
  private isFinishing = false;

  constructor(
    private readonly engine: Engine,
    private readonly target: AttachedTarget,
    private readonly onWaiting: () => void,
  ) {}

  async begin(): Promise<boolean> {
    const script = join(this.target.runDir, scriptFile);
    writeFileSync(script, this.engine.remoteScript?.(this.target, process.pid) ?? '');
    this.hasBegun = (await this.send(script)) && (await this.untilBegun());
    this.hasEnded = !this.hasBegun;
    if (this.hasBegun) void this.watch();
    return this.hasBegun;
  }

  async finish(how: 'programEnded' | 'stopped'): Promise<void> {
    this.isFinishing = true;
    // Also when it has not begun: the script may yet run, and then finds that it is too late.
    if (how === 'stopped') await this.engine.requestStop(this.recorded);
    const deadline = Date.now() + stopTimeoutMs;
    while (this.hasBegun && Date.now() < deadline && (await this.isRecording())) await delay(pollMs);
    this.hasEnded = true;
  }

  private async send(script: string): Promise<boolean> {
    const [program = '', ...args] = this.target.interpreter;
    const words = [...args, '-c', sendScript, String(this.target.attach.pid), script];
    const sender = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
    const { code, said } = await outcomeOf(sender);
    // The first error is the cause; Python wraps it into others.
    if (code !== 0) this.reason = /^\w*(?:Error|Exception): (.+)$/m.exec(said)?.[1] ?? said.trim();
    return code === 0;
  }

  private async untilBegun(): Promise<boolean> {
    const sentAtMs = Date.now();
    let isToldToWait = false;
    while (!this.isFinishing) {
      this.reason = this.refusal();
      if (this.reason !== '') return false;
      if (await this.engine.hasBegun(this.target.runDir)) return true;
      if (!isToldToWait && Date.now() - sentAtMs > quietMs) {
        isToldToWait = true;
        this.onWaiting();
      }
      await delay(pollMs);
    }
    return false;
  }

  private refusal(): string {
    try {
      return readFileSync(join(this.target.runDir, refusalFile), 'utf8').trim();
    } catch {
      return '';
    }
  }

  /** The program may end the recording itself, by ending. */
  private async watch(): Promise<void> {
    while (!this.isFinishing) {
      await delay(pollMs, undefined, { ref: false });
      if (!(await this.isRecording())) this.hasEnded = true;
      if (this.hasEnded) return;
    }
  }

  private async isRecording(): Promise<boolean> {
    return (await this.engine.countRecording(this.recorded)) > 0;
  }

  private get recorded() {
    return { runDir: this.target.runDir, pid: this.target.attach.pid };
  }
}

async function outcomeOf(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.on('data', data => (said += String(data)));
  const code = await new Promise<number | null>(resolve => {
    child.once('close', resolve);
    child.once('error', error => {
      said += error.message;
      resolve(null);
    });
  });
  return { code, said };
}
