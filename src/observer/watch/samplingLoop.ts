import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cpuUsage } from 'node:process';
import { monotonicNs } from './clock';
import type { Family } from './family';
import { isAtGate } from './gate';
import type { Ending, ObserverSettings } from './observedProcess';
import { processState } from './processFacts';

/** How often signals, the stop file and children are looked for. */
const pauseNs = 50_000_000;
const gatePollMs = 1;
/** At so many polls it is asked whether the program that waits is still there. */
const lifePolls = 50;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export interface LoopSettings extends ObserverSettings {
  readonly pid: number;
  readonly children: boolean;
}

/**
 * Looks at the family at the rate asked, each time after a random part of half to one and a half intervals, so that it
 * never beats with a program of fixed rhythm. Between looks this thread sleeps; some times a second Node may do the rest.
 */
export class SamplingLoop {
  private isStopped = false;
  private lookCount = 0;
  private maxLatenessNs = 0;
  private readonly intervalNs: number;

  constructor(
    private readonly family: Family,
    private readonly settings: LoopSettings,
  ) {
    this.intervalNs = 1e9 / settings.rateHz;
  }

  /** Ends the recording at the next pause. */
  stop(): void {
    this.isStopped = true;
  }

  /** Resolves when the program has ended, or after `stop`, the stop file, or the loss of the run folder. */
  async run(): Promise<void> {
    for (let count = 0; this.mustWait(count); count++) await sleep(gatePollMs);
    let dueNs = monotonicNs();
    this.family.startAt(dueNs);
    while (!this.mustEnd) {
      dueNs = this.lookUntil(monotonicNs() + pauseNs, dueNs);
      this.family.meet(monotonicNs(), this.settings.children);
      await sleep(0);
    }
    const reason = this.family.has(this.settings.pid) ? 'stopped' : 'exit';
    this.family.end(monotonicNs(), { ...this.ending(), reason });
  }

  /** The program waits at the gate, and may yet be let go. */
  private mustWait(pollCount: number): boolean {
    const { runDir, pid } = this.settings;
    const isLifeAsked = pollCount % lifePolls === lifePolls - 1;
    return isAtGate(runDir) && !this.isStopped && (!isLifeAsked || processState(pid)?.isZombie === false);
  }

  private get mustEnd(): boolean {
    const { runDir, pid } = this.settings;
    return this.isStopped || !this.family.has(pid) || existsSync(join(runDir, 'stop')) || !existsSync(runDir);
  }

  /** Looks until a moment is reached; answers when the next look is due. */
  private lookUntil(untilNs: number, firstDueNs: number): number {
    let dueNs = firstDueNs;
    for (;;) {
      let nowNs = monotonicNs();
      if (dueNs > nowNs) {
        Atomics.wait(sleeper, 0, 0, (dueNs - nowNs) / 1e6);
        nowNs = monotonicNs();
      }
      this.maxLatenessNs = Math.max(this.maxLatenessNs, nowNs - dueNs);
      this.lookCount++;
      this.family.tick(nowNs, this.ending);
      dueNs = Math.max(dueNs, nowNs - this.intervalNs) + this.intervalNs * (0.5 + Math.random());
      if (dueNs >= untilNs || !this.family.has(this.settings.pid)) return dueNs;
    }
  }

  /** Own costs so far. */
  private readonly ending = (): Omit<Ending, 'reason'> => {
    const { user, system } = cpuUsage();
    const { lookCount, maxLatenessNs } = this;
    return { lookCount, maxLatenessNs, samplerCpuNs: (user + system) * 1000 };
  };
}

function sleep(durationMs: number): Promise<void> {
  return new Promise(resolve => (durationMs > 0 ? setTimeout(resolve, durationMs) : setImmediate(resolve)));
}
