/**
 * The program in the terminal: `launcher.js <run folder> [--hold] [--json-lines-to <pipe>]`. It is the parent of the
 * recorded program, gives it the terminal's own streams, and ends as the program ended. With `--hold` in a terminal it
 * waits for a key instead, so that the last output can be read, and can run another plan in the same place.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { PyrolensError } from '../shared/failures';
import { formatDuration } from '../shared/formatting';
import { inert } from '../shared/inertText';
import { ControlLink } from './controlLink';
import type { ToLauncher } from './controlMessages';
import { type LaunchPlan, readLaunchPlan } from './launchPlan';
import { exitLike, passSignalsTo } from './passSignals';
import { readRunManifest } from './runFolder';
import { type ExitStatus, TargetProcess } from './targetProcess';

const clearScreen = '\x1b[2J\x1b[3J\x1b[H';
const typeAheadMs = 150;

class Launcher {
  private target: TargetProcess | undefined;
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

  private async run(plan: LaunchPlan): Promise<ExitStatus> {
    if (plan.clearTerminal && process.stdout.isTTY) process.stdout.write(clearScreen);
    try {
      const target = await TargetProcess.start(plan);
      this.target = target;
      this.link.send({ type: 'started', pid: target.pid, runDir: plan.runDir });
      void this.announceBeginning(target);
      const status = await target.ended;
      this.link.send({ type: 'ended', code: status.code, signal: status.signal });
      say(summary(plan, status, Date.now() - target.startedAtMs));
      return status;
    } catch (error) {
      const failure = PyrolensError.from(error);
      this.link.send({ type: 'failed', code: failure.code, facts: failure.facts });
      say(`Pyrolens: ${inert(failure.facts['reason'] ?? failure.message)}`);
      return { code: 127, signal: null };
    } finally {
      this.target = undefined;
    }
  }

  private async announceBeginning(target: TargetProcess): Promise<void> {
    if (await target.hasBegun()) this.link.send({ type: 'recording' });
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
  private async hold(plan: LaunchPlan): Promise<string | undefined> {
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

function summary(plan: LaunchPlan, status: ExitStatus, durationMs: number): string {
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
