import { setTimeout as delay } from 'node:timers/promises';
import type { RunManifest } from '../shared/manifest';
import { endOrphan } from './attach/orphan';
import type { FromLauncher } from './controlMessages';
import { engineNamed } from './engines/index';
import { readRunManifest, stateOf } from './runFolder';

const pollMs = 400;
const stopTimeoutMs = 4_000;

/**
 * A recording whose control channel is gone, because the window was reloaded: its launcher still runs, so the manifest
 * tells when it ends, and the run folder takes the request to stop.
 */
export class AdoptedRun {
  private isWatching = true;

  private constructor(
    readonly runDir: string,
    readonly manifest: RunManifest,
    private readonly onMessage: (message: FromLauncher) => void,
  ) {
    void this.watch();
  }

  /** Undefined when the run is over, or its launcher gone: a tool that looks on all the same is then ended. */
  static async adopt(
    runDir: string,
    onMessage: (message: FromLauncher) => void,
  ): Promise<AdoptedRun | undefined> {
    const manifest = await readRunManifest(runDir);
    const state = stateOf(manifest);
    if (state === 'interrupted') await endOrphan(runDir, manifest);
    return state === 'recording' ? new AdoptedRun(runDir, manifest, onMessage) : undefined;
  }

  /** Ends the recording, not the program, and says `stopped` or `cannotStop`. */
  async stop(): Promise<void> {
    const engine = engineNamed(this.manifest.engine);
    const { programPid: pid = 0, samplerPid } = this.manifest;
    const program = { runDir: this.runDir, pid, samplerPid };
    const isAsked = program.pid > 0 && (await engine.requestStop(program));
    if (!isAsked) {
      this.onMessage({ type: 'cannotStop' });
      return;
    }
    const deadline = Date.now() + stopTimeoutMs;
    let busyProcessCount = await engine.countRecording(program);
    while (busyProcessCount > 0 && Date.now() < deadline) {
      await delay(pollMs);
      busyProcessCount = await engine.countRecording(program);
    }
    this.onMessage({ type: 'stopped', busyProcessCount });
  }

  /** Stops watching; the recording goes on. */
  dispose(): void {
    this.isWatching = false;
  }

  private async watch(): Promise<void> {
    while (this.isWatching) {
      await delay(pollMs, undefined, { ref: false });
      const manifest = await readRunManifest(this.runDir).catch(() => this.manifest);
      if (stateOf(manifest) === 'recording' || !this.isWatching) continue;
      const exit = manifest.exit ?? { code: null, signal: null };
      this.isWatching = false;
      this.onMessage({ type: 'ended', code: exit.code, signal: exit.signal });
    }
  }
}
