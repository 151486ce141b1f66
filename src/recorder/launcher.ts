/**
 * The program in the terminal: `launcher.js <run folder> [--hold] [--json-lines-to <pipe>]`. It is the parent of the
 * recorded program, gives it the terminal's own streams, and ends as the program ended. With `--hold` in a terminal it
 * waits for a key instead, so that the last output can be read, and can run another plan in the same place.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { PyrolensError } from '../shared/failures';
import { formatDuration } from '../shared/formatting';
import { inert } from '../shared/inertText';
import { AttachedProcess } from './attach/attachedProcess';
import { ControlLink } from './controlLink';
import type { ToLauncher } from './controlMessages';
import { type AttachPlan, type LaunchPlan, type RecordingPlan, readLaunchPlan } from './launchPlan';
import { exitLike, passSignalsTo } from './passSignals';
import type { ExitStatus, RecordedTarget } from './recordedTarget';
import { readRunManifest } from './runFolder';
import { TargetProcess } from './targetProcess';

const clearScreen = '\x1b[2J\x1b[3J\x1b[H';
const typeAheadMs = 150;

class Launcher {
  private target: RecordedTarget | undefined;
  private onNextRun: ((runDir: string) => void) | undefined;
  private readonly link: ControlLink;

  constructor(
    pipe: string | undefined,
    private readonly isHolding: boolean,
  ) {
    this.link = new ControlLink(pipe, message => this.receive(message));
  }

  /** Runs plan after plan until the user or the program's end closes the terminal. */
  async main(firstRunDir: string): Promise<void> {
    const undoSignals = passSignalsTo(() => this.target);
    let status: ExitStatus = { code: 1, signal: null };
    let runDir: string | undefined = firstRunDir;
    // A restarted editor brings terminals back by starting their process again: the run is not to be repeated.
    if ((await readRunManifest(firstRunDir)).launcherPid !== undefined) return undoSignals();
    while (runDir !== undefined) {
      const plan = await readLaunchPlan(runDir);
      status = await this.run(plan);
      runDir = this.isHolding && process.stdin.isTTY ? await this.hold(plan) : undefined;
      // After a key the terminal closes without the editor complaining about the program's exit code.
      if (this.isHolding && process.stdin.isTTY) status = { code: 0, signal: null };
    }
    await this.link.close();
    exitLike(status, undoSignals);
  }

  private async run(plan: RecordingPlan): Promise<ExitStatus> {
    if (plan.clearTerminal && process.stdout.isTTY) process.stdout.write(clearScreen);
    try {
      const target = await this.start(plan);
      this.target = target;
      this.link.send({ type: 'started', pid: target.pid, runDir: plan.runDir });
      void this.announceBeginning(plan, target);
      const status = await target.ended;
      this.link.send({ type: 'ended', code: status.code, signal: status.signal });
      say(summaryOf(plan, target, status));
      return status;
    } catch (error) {
      const failure = PyrolensError.from(error);
      this.link.send({ type: 'failed', code: failure.code, facts: failure.facts });
      say(`Pyrolens: ${inert(failure.facts['reason'] || failure.message)}`);
      return { code: 127, signal: null };
    } finally {
      this.target = undefined;
    }
  }

  private async start(plan: RecordingPlan): Promise<RecordedTarget> {
    if (!('attach' in plan)) return TargetProcess.start(plan);
    return AttachedProcess.start(plan, () => {
      this.link.send({ type: 'waiting' });
      say(plan.texts.waitingForPython.replace('{name}', inert(plan.name)));
    });
  }

  private async announceBeginning(plan: RecordingPlan, target: RecordedTarget): Promise<void> {
    if (!(await target.hasBegun())) return;
    this.link.send({ type: 'recording' });
    // Of a program that was started here the terminal shows its own output.
    if ('attach' in plan) say(plan.texts.attached.replace('{name}', inert(plan.name)));
  }

  private receive(message: ToLauncher): void {
    if (message.type === 'stop') void this.stop();
    if (message.type === 'kill') void this.target?.kill();
    if (message.type === 'run') this.onNextRun?.(message.runDir);
  }

  private async stop(): Promise<void> {
    const busyProcessCount = await this.target?.stop().catch(() => 1);
    if (busyProcessCount === undefined) return;
    if (busyProcessCount === 'cannotStop') this.link.send({ type: 'cannotStop' });
    else this.link.send({ type: 'stopped', busyProcessCount });
  }

  /** Waits for a key, or for another plan to run; undefined closes the terminal. */
  private async hold(plan: RecordingPlan): Promise<string | undefined> {
    say(this.link.isConnected ? plan.texts.pressAnyKeyOrRun : plan.texts.pressAnyKey);
    process.stdin.setRawMode(true);
    const nextRunDir = await new Promise<string | undefined>(resolve => {
      this.onNextRun = resolve;
      void this.readKeys(() => resolve(undefined));
    });
    this.onNextRun = undefined;
    process.stdin.removeAllListeners('data');
    process.stdin.setRawMode(false);
    process.stdin.pause();
    return nextRunDir;
  }

  /** What was typed ahead for the program is not an answer to us. */
  private async readKeys(close: () => void): Promise<void> {
    process.stdin.resume();
    process.stdin.once('end', close);
    await delay(typeAheadMs);
    process.stdin.on('data', key => {
      if (key.toString().toLowerCase() === 'r' && this.link.isConnected) this.link.send({ type: 'again' });
      else close();
    });
  }
}

function summaryOf(plan: RecordingPlan, target: RecordedTarget, status: ExitStatus): string {
  const durationMs = Date.now() - target.startedAtMs;
  return 'attach' in plan ? attachSummary(plan, target, durationMs) : launchSummary(plan, status, durationMs);
}

function attachSummary(plan: AttachPlan, target: RecordedTarget, durationMs: number): string {
  const hasEnded = target instanceof AttachedProcess && target.endedBy === 'programEnded';
  return (hasEnded ? plan.texts.attachedEnded : plan.texts.attachSummary)
    .replace('{name}', inert(plan.name))
    .replace('{duration}', formatDuration(durationMs * 1e6));
}

function launchSummary(plan: LaunchPlan, status: ExitStatus, durationMs: number): string {
  const template = status.signal === null ? plan.texts.exitCode : plan.texts.exitSignal;
  const statusText = template.replace('{0}', String(status.signal ?? status.code));
  return plan.texts.summary
    .replace('{status}', statusText)
    .replace('{duration}', formatDuration(durationMs * 1e6));
}

function say(text: string): void {
  process.stdout.write(process.stdout.isTTY ? `\x1b[2m${text}\x1b[0m\r\n` : `${text}\n`);
}

function valueAfter(flag: string): string | undefined {
  const index = process.argv.indexOf(flag);
  return index < 0 ? undefined : process.argv[index + 1];
}

const [, , runDir] = process.argv;
if (runDir === undefined) {
  process.stderr.write('usage: launcher.js <run folder> [--hold] [--json-lines-to <pipe>]\n');
  process.exit(2);
}
void new Launcher(valueAfter('--json-lines-to'), process.argv.includes('--hold')).main(runDir);
