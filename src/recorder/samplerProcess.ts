import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OutsideSampler } from './engines/engine';
import { samplerBeganFile } from './engines/outsideEngine';

const pollMs = 20;
/** What a tool may take until it looks: reading a large program's symbols takes its time. */
const beginTimeoutMs = 8_000;
/** What a tool may take to write its result. */
const finishTimeoutMs = 60_000;
const maxSaidChars = 64 * 1024;

/** What the tool printed. */
export const samplerLogFile = 'engine.log';

/**
 * The process of a tool that looks at a program from outside. It writes into files, not into pipes of ours, and has a
 * group of its own: Ctrl+C in the terminal is meant for the program, and the tool outlives us if it must.
 */
export class SamplerProcess {
  private hasEnded = false;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly sampler: OutsideSampler,
    private readonly runDir: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = new Promise(resolve => {
      const end = () => {
        this.hasEnded = true;
        resolve();
      };
      child.once('exit', end);
      child.once('error', error => {
        appendFileSync(join(runDir, samplerLogFile), `${error.message}\n`);
        end();
      });
    });
  }

  /** Starts the tool. That it cannot be started shows in `begin`. */
  static start(sampler: OutsideSampler, runDir: string, commandLine: readonly string[]): SamplerProcess {
    const log = openSync(join(runDir, samplerLogFile), 'a');
    try {
      const [program = '', ...args] = commandLine;
      const stdio = ['ignore', log, log] as const;
      const child = spawn(program, args, {
        cwd: runDir,
        stdio: [...stdio],
        detached: true,
        windowsHide: true,
        // Our own tool runs in this Node, which is the desktop editor's program there.
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      });
      return new SamplerProcess(sampler, runDir, child);
    } finally {
      closeSync(log);
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves to true when the tool looks, to false when it ended before or did not in eight seconds. */
  async begin(): Promise<boolean> {
    const deadline = Date.now() + beginTimeoutMs;
    while (Date.now() < deadline) {
      if (this.sampler.hasBegun(this.runDir, this.said)) {
        writeFileSync(join(this.runDir, samplerBeganFile), '');
        return true;
      }
      if (this.hasEnded) return false;
      await delay(pollMs);
    }
    return false;
  }

  /**
   * Lets the tool write its result, which it begins by itself when the program has ended, and ends it after a minute.
   * Why nothing came of it is noted for whoever misses the result.
   */
  async finish(how: 'programEnded' | 'stopped'): Promise<void> {
    if (how === 'stopped') this.child.kill(this.sampler.stopSignal);
    const isInTime = await this.endsWithin(how === 'stopped' ? finishTimeoutMs : finishTimeoutMs / 6);
    if (!isInTime && how === 'programEnded') {
      this.child.kill(this.sampler.stopSignal);
      await this.endsWithin(finishTimeoutMs);
    }
    if (!this.hasEnded) this.child.kill('SIGKILL');
    this.noteReason();
  }

  /** Its last words, for a person. */
  noteReason(): void {
    const reason = this.sampler.reasonIn(this.said);
    if (reason !== undefined) appendFileSync(join(this.runDir, 'collector.log'), `${reason}\n`);
  }

  private get said(): string {
    return readFileSync(join(this.runDir, samplerLogFile), 'utf8').slice(-maxSaidChars);
  }

  private async endsWithin(timeoutMs: number): Promise<boolean> {
    await Promise.race([this.ended, delay(timeoutMs, undefined, { ref: false })]);
    return this.hasEnded;
  }
}
