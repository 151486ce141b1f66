/**
 * Builds everything that the extension is, in order. A bundle of its own (`dist/application.js`): `extension.ts` loads
 * it with the first thing the user does, so that a window in which nobody profiles pays next to nothing.
 */

import * as vscode from 'vscode';
import { doctorScheme } from '../shared/contributions';
import { PyrolensError } from '../shared/failures';
import { ActiveRun } from './activeRun';
import { type CommandName, Commands } from './commands';
import type { DebuggedProcesses } from './debug/debuggedProcesses';
import { Debugging } from './debug/debugging';
import { Doctor } from './doctor';
import { EngineChooser } from './engineChooser';
import { Failures } from './failures';
import { InlineTimings } from './inlineTimings';
import { keptSource } from './keptSources';
import { LivePicture } from './livePicture';
import { followMappings } from './locateSource';
import { createLog } from './log';
import { ProfilesTree, type ProfilesView } from './profilesTree';
import { ProfilingSession, type Recorded } from './profilingSession';
import { offerLeft, showRecorded, showRecording } from './recorded';
import { ResultEditor } from './resultEditor';
import { RunStore } from './runStore';
import { ServerConnection } from './serverConnection';
import { SettingsReader } from './settingsReader';
import { SourceReveal } from './sourceReveal';
import { StatusItem } from './statusItem';
import { ProfileTasks } from './tasks/profileTasks';
import { Terminals } from './terminal';

/** What the editor reaches through what `extension.ts` has registered. */
export interface Application {
  /** Resolves to the command's answer, where it has one. */
  run(id: CommandName, ...args: unknown[]): Promise<unknown>;
  readonly debugging: Debugging;
  readonly tasks: ProfileTasks;
  readonly tree: ProfilesTree;
  readonly results: ResultEditor;
  /** Text of a document that is not a file: a kept source, or Doctor's report. */
  virtualText(uri: vscode.Uri): Promise<string>;
  /** The server ends with the window; programs that are being recorded go on. */
  stop(): Promise<void>;
}

/** Called once. What was shown or recorded before a reload is taken up again. */
export function createApplication(
  context: vscode.ExtensionContext,
  view: ProfilesView,
  processes: DebuggedProcesses,
): Application {
  const { extensionUri, globalState: memory } = context;
  const own = <T extends { dispose(): unknown }>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const launcherPath = context.asAbsolutePath('dist/launcher.js');
  const log = own(createLog());
  const failures = new Failures(log);
  const settings = own(new SettingsReader());
  const runs = own(new RunStore(context));
  const connection = own(new ServerConnection(extensionUri, log));
  const tree = own(new ProfilesTree(runs, view, { connection, failures }));
  own(connection.onGaveUp(() => failures.show(new PyrolensError('serverDown'))));
  const activeRun = own(new ActiveRun({ connection, runs, memory: context.workspaceState, failures }));
  const inline = own(new InlineTimings({ connection, activeRun, settings, failures }));
  const reveal = own(new SourceReveal());
  const live = own(new LivePicture({ connection, activeRun, results: () => results, settings, failures }));
  const results: ResultEditor = own(
    new ResultEditor(extensionUri, {
      connection,
      activeRun,
      runs,
      failures,
      reveal,
      memory,
      recorder: {
        isRecording: path => session.isRecording(path),
        keepsLast: () => session.keepsLast,
        liveState: path => live.stateOf(path),
        stop: () => session.stop(),
      },
    }),
  );
  own(followMappings(settings, results));
  const engines = new EngineChooser(vscode.Uri.joinPath(context.globalStorageUri, 'tools').fsPath, log);
  const doctor = own(new Doctor({ engines, settings, log }));
  const onRecorded = (recorded: Recorded): Promise<void> => {
    live.end();
    return showRecorded(recorded, { connection, activeRun, inline, results, settings, failures, log });
  };
  const session: ProfilingSession = own(
    new ProfilingSession({
      extensionUri,
      connection,
      runs,
      settings,
      engines,
      terminals: own(new Terminals(launcherPath)),
      failures,
      log,
      memory: context.workspaceState,
      onRecording: (path, isKept) => {
        showRecording(path, { results, settings, failures });
        if (!isKept) live.start(path);
      },
      onKept: kept => showRecorded(kept, { connection, activeRun, inline, results, settings, failures, log }),
      onLeft: left => offerLeft(left, { connection, activeRun, inline, results, settings, failures, log }),
      onRecorded,
    }),
  );
  own(new StatusItem(session, activeRun));
  const cliPath = context.asAbsolutePath('dist/cli.js');
  const tasks = own(new ProfileTasks({ cliPath, runs, settings, failures, log }));
  const handlers = own(
    new Commands({
      ...{ context, log, failures, connection, activeRun, inline },
      ...{ session, live, onRecorded, settings, runs, results, tree, reveal, doctor, engines, processes },
    }),
  );
  void session.adopt().catch(error => failures.note(error));
  void activeRun.restore();
  return {
    run: (id, ...args) => handlers.run(id, ...args),
    debugging: new Debugging({ session, failures, launcherPath }),
    tasks,
    tree,
    results,
    virtualText: uri => (uri.scheme === doctorScheme ? doctor.text(uri) : keptSource(runs, uri)),
    stop: () => connection.stop(),
  };
}
