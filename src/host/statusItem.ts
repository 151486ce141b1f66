import * as vscode from 'vscode';
import type { RunSummary, Selection } from '../shared/api';
import { commands, quickMenuCommand } from '../shared/contributions';
import { formatCount, formatDuration, formatValue } from '../shared/formatting';
import { inertLabel } from '../shared/inertText';
import type { ActiveRun } from './activeRun';
import { Disposable } from './disposable';
import type { ProfilingSession } from './profilingSession';

const tickMs = 1000;

/**
 * The one status item. While recording: elapsed time, a click stops. Afterwards: what the numbers in the editors
 * refer to, a click opens the menu. Otherwise hidden.
 */
export class StatusItem extends Disposable {
  private readonly item = this.register(
    vscode.window.createStatusBarItem('pyrolens.status', vscode.StatusBarAlignment.Right, 90),
  );
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: ProfilingSession,
    private readonly activeRun: ActiveRun,
  ) {
    super();
    this.item.name = 'Pyrolens';
    this.register(session.onDidChange(() => this.update()));
    this.register(activeRun.onDidChange(() => this.update()));
    this.update();
  }

  private update(): void {
    clearInterval(this.timer);
    const { summary, selection } = this.activeRun;
    if (this.session.isActive) this.showRecording();
    else if (this.session.isReading) this.showReading();
    else if (summary && selection) this.showSelection(summary, selection);
    else if (summary) this.showRun(summary);
    else this.item.hide();
  }

  private showRecording(): void {
    this.writeElapsed();
    this.timer = setInterval(() => this.writeElapsed(), tickMs);
    this.item.command = this.session.keepsLast ? quickMenuCommand : commands.stop;
    this.item.show();
  }

  private showReading(): void {
    const text = vscode.l10n.t('Reading the profile of {0}', this.session.name);
    this.item.text = `$(watch) ${inertLabel(text)}`;
    this.item.tooltip = text;
    this.describe(text);
  }

  private writeElapsed(): void {
    const elapsed = elapsedText(Date.now() - this.session.startedAtMs);
    const { state, name, isWaitingForPython } = this.session;
    const text = {
      starting: isWaitingForPython
        ? vscode.l10n.t('Waiting for {0} to reach Python code', name)
        : vscode.l10n.t('Starting {0}', name),
      stopping: vscode.l10n.t('Stopping {0}', name),
    }[state as string];
    this.item.text = text
      ? `$(watch) ${inertLabel(text)}`
      : `$(record) ${vscode.l10n.t('Profiling {0}', elapsed)}`;
    this.item.tooltip = this.session.keepsLast
      ? vscode.l10n.t('Profiling {0} for {1}. Click to keep its last seconds, or to stop.', name, elapsed)
      : vscode.l10n.t('Profiling {0} for {1}. Click to stop and keep what was recorded.', name, elapsed);
    this.item.accessibilityInformation = {
      label: this.session.keepsLast
        ? vscode.l10n.t('Pyrolens is profiling {0}. Activate to keep its last seconds, or to stop.', name)
        : vscode.l10n.t('Pyrolens is profiling {0}. Activate to stop.', name),
    };
  }

  private showRun(summary: RunSummary): void {
    const whole = formatValue(summary.durationNs, summary.unit);
    const isClocked = summary.hasTimeAxis && summary.isSampled;
    this.item.text = `$(flame) ${whole}`;
    this.item.tooltip = isClocked
      ? vscode.l10n.t(
          'Pyrolens: {0}\n100 % = {1} of wall-clock time, {2} samples\nClick for more.',
          summary.name,
          whole,
          formatCount(summary.sampleCount),
        )
      : vscode.l10n.t('Pyrolens: {0}\n100 % = {1}\nClick for more.', summary.name, whole);
    this.describe(vscode.l10n.t('Timings of {0}: 100 % is {1}', summary.name, whole));
  }

  private showSelection(summary: RunSummary, selection: Selection): void {
    this.item.text = `$(filter) ${inertLabel(selection.label)}`;
    this.item.tooltip = vscode.l10n.t(
      'Pyrolens: {0}\nThe numbers on the lines are narrowed to {1}. Click for more.',
      summary.name,
      selection.label,
    );
    this.describe(vscode.l10n.t('Timings narrowed to {0}', selection.label));
  }

  private describe(label: string): void {
    this.item.command = quickMenuCommand;
    this.item.accessibilityInformation = { label };
    this.item.show();
  }

  override dispose(): void {
    clearInterval(this.timer);
    super.dispose();
  }
}

/** `7 s`, `1 m 05 s`: whole seconds, because it ticks. */
function elapsedText(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  return formatDuration(seconds * 1e9);
}
