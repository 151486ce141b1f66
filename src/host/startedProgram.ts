import type { FromLauncher } from '../recorder/controlMessages';
import type { ExitStatus } from '../recorder/recordedTarget';
import type { Launched } from './terminal';

/** A program that was started for a recording, for whoever follows it beyond the recording's end. */
export class StartedProgram {
  private settle: (status: ExitStatus | undefined) => void = () => undefined;
  /** Settles when the program is gone; undefined when nobody knows how it ended, or when it could not be started. */
  readonly ended = new Promise<ExitStatus | undefined>(resolve => {
    this.settle = resolve;
  });
  private launched: Launched | undefined;
  private isEnding = false;

  /** `stopRecording` asks for the recording's end; false when nothing is recorded any more. */
  constructor(private readonly stopRecording: () => boolean) {}

  /** Call it when the launcher can be spoken to. */
  attach(launched: Launched): void {
    this.launched = launched;
  }

  /** Ends the recording so that nothing of it is lost, then the program; the second call ends the program at once. */
  end(): void {
    if (this.isEnding || !this.stopRecording()) this.kill();
    this.isEnding = true;
  }

  /** Hears what the launcher says. */
  receive(message: FromLauncher): void {
    // `started`: it was asked to end before the launcher could hear that.
    const isTimeToEnd = ['started', 'stopped', 'cannotStop'].includes(message.type);
    if (isTimeToEnd && this.isEnding) this.kill();
    if (message.type === 'ended') {
      this.settle({ code: message.code, signal: message.signal as NodeJS.Signals | null });
    }
    if (message.type === 'failed') this.settle(undefined);
  }

  /** The launcher is gone. */
  lose(): void {
    this.settle(undefined);
  }

  private kill(): void {
    this.launched?.send({ type: 'kill' });
  }
}
