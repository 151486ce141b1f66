import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { collectorLogFile } from '../shared/collectorLog';
import { formatDuration } from '../shared/formatting';
import { engineLogFile, lastWords, readEngineLog } from './engineLog';
import type { Engine, OutsideSampler } from './engines/engine';
import { samplerBeganFile } from './engines/outsideEngine';
import { signalGroup } from './processAlive';
import { noteReason } from './toolRun';

const pollMs = 20;
/** What a tool may take until it looks: reading a large program's symbols takes its time. */
const beginTimeoutMs = 8_000;
/** The same where something else can record in its place: a program whose engine nobody chose is not held up. */
const beginOrLeaveTimeoutMs = 1_000;
const killTimeoutMs = 500;
/** What a tool may take to write its result. */
const finishTimeoutMs = 60_000;

/** A tool notices the program's end within a moment; one that ended sooner before it has missed something. */
const missedMs = 400;

/** A header alone: Tachyon's, before it has written anything. */
const emptyResultBytes = 64;

/** An engine with a tool that looks from outside. */
export type SamplingEngine = Engine & { readonly sampler: OutsideSampler };

/** True when the engine has such a tool. */
export function isSampling(engine: Engine): engine is SamplingEngine {
  return engine.sampler !== undefined;
}

/**
 * The process of a tool that looks at a program from outside. It writes into files, not into pipes of ours, and has a
 * group of its own: Ctrl+C in the terminal is meant for the program, and the tool outlives us if it must.
 */
export class SamplerProcess {
  /** It has ended, or could not be started. */
  hasEnded = false;
  private endedAtMs = Number.POSITIVE_INFINITY;
  private hasBegun = false;
  /** Why it was not there to its end, in words. */
  private reason: string | undefined;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly engine: SamplingEngine,
    private readonly runDir: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = new Promise(resolve => {
      child.once('exit', () => {
        this.hasEnded = true;
        this.endedAtMs = performance.now();
        resolve();
      });
      child.once('error', error => {
        this.hasEnded = true;
        this.reason = error.message;
        resolve();
      });
    });
  }

  /** Starts the tool. That it cannot be started shows in `begin`. */
  static start(engine: SamplingEngine, runDir: string, commandLine: readonly string[]): SamplerProcess {
    const log = openSync(join(runDir, engineLogFile), 'a');
    try {
      const [program = '', ...args] = commandLine;
      const child = spawn(program, args, {
        cwd: runDir,
        stdio: ['ignore', log, log],
        detached: true,
        windowsHide: true,
        // Our own tool runs in this Node, which is the desktop editor's program there.
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      });
      return new SamplerProcess(engine, runDir, child);
    } finally {
      closeSync(log);
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Resolves to true when the tool looks, to false when it ended before or did not in eight seconds (one, where it has a
   * substitute), which also ends it: a tool that hangs must not hold up the program at its end too.
   */
  async begin(hasSubstitute = false): Promise<boolean> {
    const timeoutMs = hasSubstitute ? beginOrLeaveTimeoutMs : beginTimeoutMs;
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (this.engine.sampler.hasBegun(this.runDir, readEngineLog(this.runDir))) {
        writeFileSync(join(this.runDir, samplerBeganFile), '');
        this.hasBegun = true;
        return true;
      }
      if (this.hasEnded) break;
      await delay(pollMs);
    }
    if (!this.hasEnded) {
      this.reason = `it did not begin in ${timeoutMs / 1000} seconds`;
      this.signal('SIGKILL');
      await this.endsWithin(killTimeoutMs);
    }
    this.noteReason();
    return false;
  }

  /**
   * After the program's end: lets the tool write its result, which it begins by itself, and ends it after a minute. Why
   * nothing came of it, or not all, is noted for whoever misses it.
   */
  async finish(wasStopped: boolean): Promise<void> {
    if (!this.hasBegun) return;
    const hadDied = !wasStopped && this.child.signalCode !== null;
    const missedNs = wasStopped ? 0 : (performance.now() - this.endedAtMs) * 1e6;
    if (!(await this.endsWithin(finishTimeoutMs / 6))) {
      this.signal(this.engine.sampler.stopSignal);
      if (!(await this.endsWithin(finishTimeoutMs))) {
        this.reason = `it did not end in ${finishTimeoutMs / 1000} seconds after it was asked to`;
        this.signal('SIGKILL');
      }
    }
    if (hadDied || this.reason !== undefined || !this.hasResult()) this.noteReason();
    else if (missedNs > missedMs * 1e6) this.note(this.missed(missedNs));
    else this.note(this.engine.sampler.doubtIn?.(readEngineLog(this.runDir)));
  }

  /** Takes away what a tool that was too late had begun to write. Call it before anything else records. */
  removeParts(): void {
    const parts = readdirSync(this.runDir).filter(name => this.engine.isPart(name));
    for (const name of parts) rmSync(join(this.runDir, name), { force: true });
  }

  /** Why it recorded nothing, or not all: its own words, else how it ended. */
  whyNothing(): string {
    const said = readEngineLog(this.runDir);
    return this.engine.sampler.reasonIn(said) ?? this.reason ?? this.howItEnded(said);
  }

  private noteReason(): void {
    const reason = this.whyNothing();
    const what = this.hasResult() ? 'did not record all' : 'recorded nothing';
    noteReason(this.runDir, `${this.engine.sampler.label} ${what}`, reason);
  }

  private missed(missedNs: number): string {
    const { label } = this.engine.sampler;
    return `${label} did not record the last ${formatDuration(missedNs)}: it lost the program, as when it becomes another one (os.exec…); use another engine for it.`;
  }

  private note(sentence: string | undefined): void {
    if (sentence !== undefined) appendFileSync(join(this.runDir, collectorLogFile), `${sentence}\n`);
  }

  private howItEnded(said: string): string {
    const { exitCode, signalCode } = this.child;
    if (signalCode !== null) return `it was ended by ${signalCode}`;
    return lastWords(said) ?? `it ended with exit code ${exitCode}`;
  }

  private hasResult(): boolean {
    const parts = readdirSync(this.runDir).filter(name => this.engine.isPart(name));
    return parts.some(name => statSync(join(this.runDir, name)).size > emptyResultBytes);
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.child.pid !== undefined) signalGroup(this.child.pid, signal);
  }

  private async endsWithin(timeoutMs: number): Promise<boolean> {
    await Promise.race([this.ended, delay(timeoutMs, undefined, { ref: false })]);
    return this.hasEnded;
  }
}
