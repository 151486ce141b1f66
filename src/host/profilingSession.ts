import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { AdoptedRun } from '../recorder/adoptedRun';
import type { FromLauncher } from '../recorder/controlMessages';
import { programName } from '../recorder/engines/index';
import { isKeeping, keepLastSeconds } from '../recorder/keepLast';
import { Recording, type RecordingOutcome, type RecordingState } from '../recorder/recording';
import { deleteRun, pruneRuns } from '../recorder/runFolder';
import { contextKeys, memoryKeys } from '../shared/contributions';
import { PyrolensError } from '../shared/failures';
import { inert } from '../shared/inertText';
import { manifestFileName } from '../shared/manifest';
import { setContext } from './activeRun';
import { type AttachRequest, prepareAttachedRun } from './attaching';
import { Disposable } from './disposable';
import type { EngineChooser } from './engineChooser';
import type { Failures } from './failures';
import { type LaunchRequest, type PreparedLaunch, prepareLaunch } from './launching';
import type { Log } from './log';
import type { RunStore } from './runStore';
import { samplePath } from './sample';
import type { ServerConnection } from './serverConnection';
import type { SettingsReader } from './settingsReader';
import { StartedProgram } from './startedProgram';
import type { Launched, LaunchPlace } from './terminal';

export interface SessionParts {
  readonly extensionUri: vscode.Uri;
  readonly connection: ServerConnection;
  readonly runs: RunStore;
  readonly settings: SettingsReader;
  readonly engines: EngineChooser;
  readonly terminals: LaunchPlace;
  readonly failures: Failures;
  readonly log: Log;
  /** Survives a reload of the window: holds the run that is being recorded. */
  readonly memory: vscode.Memento;
  /** Called when the program has started; `isKept`: it writes nothing before it is asked for its last seconds. */
  readonly onRecording: (path: string, isKept: boolean) => void;
  /** Called with the last seconds of a program that goes on; shows them. */
  readonly onKept: (kept: Recorded) => Promise<void>;
  /** Called when the window comes back and the recording that it had left has ended without it. */
  readonly onLeft: (left: { readonly runDir: string; readonly path: string }) => Promise<void>;
  /** Called the moment a recording is complete; shows its numbers. */
  readonly onRecorded: (recorded: Recorded) => Promise<void>;
}

/** A recording that has just been completed. */
export interface Recorded {
  readonly runDir: string;
  readonly path: string;
  readonly name: string;
  readonly outcome: RecordingOutcome;
}

const recordingKey = memoryKeys.recordingRun;

/** Profiles one program at a time: from the command to the moment its recording is complete. */
export class ProfilingSession extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  /** The state changed. */
  readonly onDidChange = this.changed.event;
  private recording = new Recording(() => undefined);
  private launched: Launched | undefined;
  private isPreparing = false;
  /** Ends the preparation, when the user stops it before the program was started. */
  private giveUp: () => void = () => undefined;
  /** The program runs, and has not yet come to Python code. */
  isWaitingForPython = false;
  /** The recording is complete and its numbers are being worked out. */
  isReading = false;
  private current = { name: '', startedAtMs: 0, keepsLast: false };
  private keeping: Promise<void> | undefined;
  private recordingPath = '';

  constructor(private readonly parts: SessionParts) {
    super();
  }

  get state(): RecordingState {
    return this.isPreparing ? 'starting' : this.recording.state;
  }

  get isActive(): boolean {
    return this.isPreparing || this.recording.isActive;
  }

  get name(): string {
    return this.current.name;
  }

  /** The recording keeps its last seconds, and can be asked for them now. */
  get keepsLast(): boolean {
    return this.current.keepsLast && this.recording.state === 'recording';
  }

  get startedAtMs(): number {
    return this.current.startedAtMs;
  }

  /** Whether this run is under way. */
  isRecording(path: string): boolean {
    return this.isActive && path === this.recordingPath;
  }

  /** Fails with the reason when nothing can be started now. */
  requireIdle(): void {
    if (this.isActive) throw new PyrolensError('alreadyRecording', { name: this.name });
    if (!vscode.workspace.isTrusted) throw new PyrolensError('untrusted');
  }

  /**
   * Profiles a program, which may run already, in a terminal of ours unless told another place. Fails with the reason when it cannot even be
   * started; undefined when the user stopped it before.
   */
  async start(
    request: LaunchRequest | AttachRequest,
    place: LaunchPlace = this.parts.terminals,
  ): Promise<StartedProgram | undefined> {
    this.requireIdle();
    this.isPreparing = true;
    const name = 'program' in request ? request.name : (request.name ?? programName(request.entry));
    this.current = { name: inert(name), startedAtMs: Date.now(), keepsLast: false };
    this.announce();
    try {
      return await this.prepareAndLaunch(request, place);
    } finally {
      this.isPreparing = false;
      this.announce();
    }
  }

  /** Takes up a recording that was under way when the window was reloaded; its program went on. */
  async adopt(): Promise<void> {
    const { parts } = this;
    const runDir = parts.memory.get<string>(recordingKey);
    if (runDir === undefined) return;
    const recording = new Recording(() => this.announce());
    const adopted = await AdoptedRun.adopt(runDir, message => {
      if (message.type === 'cannotStop') void explainCannotStop();
      if (recording.handle(message) && recording.state === 'done') finish();
    });
    const name = inert(adopted?.manifest.name ?? '');
    const finish = () => void this.finish({ runDir, name, recording });
    if (!adopted) {
      await this.parts.memory.update(recordingKey, undefined);
      await this.parts.onLeft({ runDir, path: join(runDir, manifestFileName) });
      return;
    }
    this.register(adopted);
    const keepsLast = isKeeping(adopted.manifest);
    this.current = { name, startedAtMs: adopted.manifest.startedAtMs, keepsLast };
    this.recordingPath = join(runDir, manifestFileName);
    this.launched = {
      send(message) {
        if (message.type === 'stop') void adopted.stop().catch(error => parts.failures.show(error));
        return true;
      },
    };
    this.recording = recording;
    recording.handle({ type: 'launch' });
    recording.handle({ type: 'recording' });
    this.parts.onRecording(this.recordingPath, keepsLast);
  }

  /**
   * Makes a run of the last seconds and shows it; the program and its recording go on. Asked again meanwhile, it waits for the
   * first one. Fails with `nothingToKeep` when nothing is recorded that way, or as `keepLastSeconds` does.
   */
  async keepLast(): Promise<void> {
    if (!this.keepsLast) throw new PyrolensError('nothingToKeep');
    this.keeping ??= this.keep(dirname(this.recordingPath)).finally(() => {
      this.keeping = undefined;
    });
    await this.keeping;
  }

  private async keep(from: string): Promise<void> {
    const { runDir, path, name, busyProcessCount } = await keepLastSeconds(from);
    this.parts.runs.refresh();
    await this.parts.onKept({
      runDir,
      path,
      name: inert(name),
      outcome: { how: 'stopped', busyProcessCount },
    });
    this.parts.runs.refresh();
  }

  /** Ends the recording and keeps what was recorded; the program goes on, or is not started when it has not been yet. */
  stop(): void {
    this.giveUp();
    if (this.launched) this.stopRecording(this.recording, this.launched);
  }

  private async prepareAndLaunch(
    request: LaunchRequest | AttachRequest,
    place: LaunchPlace,
  ): Promise<StartedProgram | undefined> {
    const { runs, failures } = this.parts;
    const parts = { ...this.parts, root: runs.root };
    const preparing =
      'program' in request ? prepareAttachedRun(request, parts) : prepareLaunch(request, parts);
    const givenUp = new Promise<undefined>(resolve => {
      this.giveUp = () => resolve(undefined);
    });
    const prepared = await Promise.race([preparing, givenUp]);
    if (prepared === undefined) {
      // An extension that is asked for the interpreter may answer late.
      void preparing.then(late => deleteRun(late.runDir)).catch(error => failures.note(error));
      return undefined;
    }
    const { name, keepsLast } = prepared;
    this.current = { name: inert(name), startedAtMs: Date.now(), keepsLast };
    const program = await this.launch({ request, prepared, place });
    // The server starts while the program runs, so that it is there at the program's end.
    void this.rehearse().catch(error => failures.note(error));
    void pruneRuns(runs.root, prepared.settings['storage.keepRuns'])
      .catch(error => failures.note(error))
      .finally(() => runs.refresh());
    return program;
  }

  /** Opens the way to the server, and lets it read the bundled sample in advance. */
  private async rehearse(): Promise<void> {
    const { connection, extensionUri } = this.parts;
    await connection.dataPipe();
    await connection.request('rehearse', { path: await samplePath(extensionUri) });
  }

  private async launch(launch: {
    request: LaunchRequest | AttachRequest;
    prepared: PreparedLaunch;
    place: LaunchPlace;
  }): Promise<StartedProgram> {
    const { runDir, name, title, cwd } = launch.prepared;
    await this.parts.memory.update(recordingKey, runDir);
    this.recordingPath = join(runDir, manifestFileName);
    const recording = new Recording(() => this.announce());
    this.recording = recording;
    recording.handle({ type: 'launch' });
    const finish = () => void this.finish({ runDir, name, recording });
    const program = new StartedProgram(() => this.stopRecording(recording, launched));
    const launched = await launch.place.launch({
      title: inert(title),
      cwd,
      runDir,
      handlers: {
        onMessage: message => {
          this.receive({ message, recording, ...launch, finish });
          program.receive(message);
        },
        onClosed: () => {
          if (recording.handle({ type: 'linkClosed' })) finish();
          program.lose();
        },
      },
    });
    this.launched = launched;
    program.attach(launched);
    return program;
  }

  private stopRecording(recording: Recording, launched: Launched): boolean {
    return recording.handle({ type: 'stopRequested' }) && launched.send({ type: 'stop' });
  }

  private receive(arrival: {
    message: FromLauncher;
    recording: Recording;
    request: LaunchRequest | AttachRequest;
    place: LaunchPlace;
    finish: () => void;
  }): void {
    const { message, recording } = arrival;
    if (message.type === 'again') {
      this.start(arrival.request, arrival.place).catch(error => this.parts.failures.show(error));
      return;
    }
    const hasChanged = recording.handle(message);
    this.noteWaiting(message);
    if (message.type === 'cannotStop') void explainCannotStop();
    if (message.type === 'ended' || message.type === 'failed') this.parts.runs.refresh();
    if (!hasChanged) return;
    if (message.type === 'failed') this.parts.failures.show(new PyrolensError(message.code, message.facts));
    else if (recording.state === 'recording') {
      this.parts.onRecording(this.recordingPath, this.current.keepsLast);
    } else if (recording.state === 'done') arrival.finish();
  }

  private noteWaiting({ type }: FromLauncher): void {
    const isWaiting = type === 'waiting';
    if (isWaiting === this.isWaitingForPython) return;
    this.isWaitingForPython = isWaiting;
    this.announce();
  }

  private async finish(done: { runDir: string; name: string; recording: Recording }): Promise<void> {
    const { runDir, name } = done;
    void this.parts.memory.update(recordingKey, undefined);
    this.isReading = true;
    this.announce();
    const outcome = done.recording.outcome ?? { how: 'lost' };
    try {
      await this.parts.onRecorded({ runDir, path: join(runDir, manifestFileName), name, outcome });
    } catch (error) {
      this.parts.failures.show(error);
    } finally {
      this.isReading = false;
      this.announce();
    }
    this.parts.runs.refresh();
  }

  private announce(): void {
    this.changed.fire();
    void setContext(contextKeys.recording, this.isActive);
    void setContext(contextKeys.keepsLast, this.keepsLast);
  }
}

async function explainCannotStop(): Promise<void> {
  await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'On Windows this cannot be stopped early: what was recorded is saved when it ends by itself.',
    ),
  );
}
