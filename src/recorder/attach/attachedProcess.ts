import { setTimeout as delay } from 'node:timers/promises';
import { PyrolensError } from '../../shared/failures';
import type { RunManifest } from '../../shared/manifest';
import { engineNamed } from '../engines/index';
import type { AttachPlan } from '../launchPlan';
import { isRunning } from '../processList/index';
import type { ExitStatus, RecordedTarget } from '../recordedTarget';
import { updateManifest } from '../runFolder';
import { isSampling } from '../samplerProcess';
import { type PythonProcess, requireAttachable } from './attachable';
import type { Attachment } from './attachment';
import { OutsideAttachment } from './outsideAttachment';
import { RemoteAttachment } from './remoteAttachment';

const pollMs = 50;

/** Why the recording of a running program is over. */
export type AttachEnd = 'stopped' | 'timeOver' | 'programEnded' | 'failed';

/** A program that ran already and is being recorded. It is nobody's child here and survives everything. */
export class AttachedProcess implements RecordedTarget {
  readonly startedAtMs = Date.now();
  readonly ended: Promise<ExitStatus>;
  /** Set when `ended` has settled. */
  endedBy: AttachEnd | undefined;
  private readonly begun: Promise<boolean>;
  /** When recording began; undefined before. */
  private begunAtMs: number | undefined;
  private hasFailed = false;
  private isStopAsked = false;

  private constructor(
    private readonly plan: AttachPlan,
    private readonly attachment: Attachment,
  ) {
    this.begun = attachment.begin().then(hasBegun => {
      if (hasBegun) this.begunAtMs = Date.now();
      else this.hasFailed = true;
      return hasBegun;
    });
    this.ended = this.record();
  }

  /**
   * Looks whether the program can be recorded, writes what it is into the manifest, and puts the engine to it. Fails
   * with `processGone`, `notPython` or `attachDenied`. `onWaiting`: the program has not come to Python code for a while.
   */
  static async start(plan: AttachPlan, onWaiting: () => void): Promise<AttachedProcess> {
    try {
      const program = await requireAttachable(plan.attach.pid);
      await updateManifest(plan.runDir, { ...factsOf(program), launcherPid: process.pid });
    } catch (error) {
      await updateManifest(plan.runDir, { state: 'ended', endedAtMs: Date.now() });
      throw error;
    }
    const attachment = attach(plan, onWaiting);
    if (attachment.pid !== undefined) await updateManifest(plan.runDir, { samplerPid: attachment.pid });
    return new AttachedProcess(plan, attachment);
  }

  get pid(): number {
    return this.plan.attach.pid;
  }

  hasBegun(): Promise<boolean> {
    return this.begun;
  }

  async stop(): Promise<number | 'cannotStop'> {
    // On Windows a signal would end the tool before it has written anything.
    if (process.platform === 'win32' && this.attachment.pid !== undefined) return 'cannotStop';
    this.isStopAsked = true;
    await this.ended.catch(() => undefined);
    return 0;
  }

  signal(): void {
    void this.stop();
  }

  interrupt(): void {
    void this.stop();
  }

  async kill(): Promise<void> {
    await this.stop();
  }

  private async record(): Promise<ExitStatus> {
    const endedBy = await this.untilOver();
    this.endedBy = endedBy;
    await this.attachment.finish(endedBy === 'programEnded' ? 'programEnded' : 'stopped');
    const state = endedBy === 'programEnded' ? 'ended' : 'stopped';
    await updateManifest(this.plan.runDir, { state, endedAtMs: Date.now() });
    if (endedBy !== 'stopped' && this.begunAtMs === undefined) throw await this.failure();
    return { code: 0, signal: null };
  }

  private async untilOver(): Promise<AttachEnd> {
    for (;;) {
      if (this.isStopAsked) return 'stopped';
      if (!(await isRunning(this.pid))) return 'programEnded';
      if (this.hasFailed) return 'failed';
      // A tool with a duration of its own may be a moment earlier than we.
      const isOver = this.begunAtMs !== undefined && this.attachment.hasEnded;
      if (isOver || this.isTimeOver()) return 'timeOver';
      await delay(pollMs);
    }
  }

  private isTimeOver(): boolean {
    const { durationSeconds } = this.plan.attach;
    if (durationSeconds === undefined || this.begunAtMs === undefined) return false;
    return Date.now() - this.begunAtMs >= durationSeconds * 1000;
  }

  private async failure(): Promise<PyrolensError> {
    const pid = String(this.pid);
    if (!(await isRunning(this.pid))) return new PyrolensError('processGone', { pid });
    const { engine, name } = this.plan;
    return new PyrolensError('attachFailed', { pid, name, engine, reason: this.attachment.reason });
  }
}

function attach(plan: AttachPlan, onWaiting: () => void): Attachment {
  const engine = engineNamed(plan.engine);
  return isSampling(engine)
    ? new OutsideAttachment(engine, plan)
    : new RemoteAttachment(engine, plan, onWaiting);
}

function factsOf(program: PythonProcess): Partial<RunManifest> {
  return {
    command: program.command,
    cwd: program.cwd,
    interpreter: { path: program.executable, version: program.python.version },
    startedAtMs: Date.now(),
    programPid: program.pid,
    attached: { root: program.root, startedAtMs: Math.round(program.startedAtMs) },
  };
}
