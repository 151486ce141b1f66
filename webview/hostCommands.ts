import { commands } from '../src/shared/contributions';
import type { HostChannel } from './hostChannel';
import type { PanelState } from './state';

/** What the host does for the panel. */
export class HostCommands {
  constructor(
    private readonly channel: HostChannel,
    private readonly panel: { readonly state: PanelState },
  ) {}

  runCommand(command: string): void {
    this.channel.post({ type: 'command', command });
  }

  exportRun(): void {
    this.runCommand(commands.exportRun);
  }

  /** Holds the picture of a running program still, or lets it follow again. */
  toggleLive(): void {
    this.runCommand(commands.toggleLive);
  }

  stopRecording(): void {
    this.runCommand(commands.stop);
  }

  profileWithSampling(): void {
    this.runCommand(commands.profileFile);
  }

  /** Shows another of the measurements that the file holds. */
  setValueType(valueType: number): void {
    if (valueType !== this.panel.state.summary?.valueType)
      this.channel.post({ type: 'valueType', valueType });
  }

  cancelLoading(): void {
    this.channel.post({ type: 'cancel' });
  }
}
