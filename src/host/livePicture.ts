import { setTimeout as delay } from 'node:timers/promises';
import { contextKeys } from '../shared/contributions';
import type { LiveState } from '../shared/panelMessages';
import { type ActiveRun, setContext } from './activeRun';
import { Disposable } from './disposable';
import type { Failures } from './failures';
import type { ResultEditor } from './resultEditor';
import type { ServerConnection } from './serverConnection';
import type { SettingsReader } from './settingsReader';

const firstLookMs = 500;
const restMs = 1_000;
/** Reading anew costs more the longer a recording gets: at most this share of the time is spent on it. */
const maxReadingShare = 0.1;

export interface LiveParts {
  readonly connection: ServerConnection;
  readonly activeRun: ActiveRun;
  readonly results: () => ResultEditor;
  readonly settings: SettingsReader;
  readonly failures: Failures;
}

/**
 * The picture of a program that still runs: what its engine has written so far is read once a second, and stands on the
 * lines and in the tab as a finished run would. Engines that write at the end only show nothing before.
 */
export class LivePicture extends Disposable {
  private path: string | undefined;
  private isPaused = false;
  private isTaken = false;
  private resume: () => void = () => undefined;

  constructor(private readonly parts: LiveParts) {
    super();
  }

  /** Whether this run's picture follows. */
  stateOf(path: string): LiveState {
    if (path !== this.path) return 'ended';
    return this.isPaused ? 'paused' : 'following';
  }

  /** Follows a run until `end`. */
  start(path: string): void {
    if (!this.parts.settings.current['live.enabled']) return;
    this.path = path;
    this.isPaused = false;
    this.isTaken = false;
    void setContext(contextKeys.live, true);
    void this.follow(path).catch(error => this.parts.failures.note(error));
  }

  /** The recording is complete, and is read once more by whoever shows the result. */
  end(): void {
    this.path = undefined;
    this.resume();
    void setContext(contextKeys.live, false);
  }

  /** Holds the picture still, to look at it; the recording goes on. Or follows again. */
  toggle(): void {
    if (this.path === undefined) return;
    this.isPaused = !this.isPaused;
    this.resume();
    this.parts.results().refreshRun(this.path);
  }

  private async follow(path: string): Promise<void> {
    await this.rest(firstLookMs);
    while (path === this.path) {
      const startedAtMs = Date.now();
      if (!this.isPaused) await this.look(path);
      const readingMs = Date.now() - startedAtMs;
      await this.rest(Math.max(restMs, readingMs / maxReadingShare));
    }
  }

  private async rest(ms: number): Promise<void> {
    const ended = new AbortController();
    this.resume = () => ended.abort();
    await delay(ms, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
  }

  private async look(path: string): Promise<void> {
    const { connection, activeRun, results } = this.parts;
    const summary = await connection.request('readLive', { path });
    if (summary === null || path !== this.path || this.isPaused) return;
    results().showRun(summary);
    // Once only: whoever clears the numbers or shows another run's meanwhile is not overruled each second.
    if (!this.isTaken) await activeRun.show(summary);
    else activeRun.update(summary);
    this.isTaken = true;
  }

  override dispose(): void {
    this.end();
    super.dispose();
  }
}
