import * as vscode from 'vscode';
import { programName } from '../../recorder/engines/index';
import type { Failures } from '../failures';
import type { LaunchRequest } from '../launching';
import type { ProfilingSession } from '../profilingSession';
import { envFileSetting } from '../pythonSettings';
import type { StartedProgram } from '../startedProgram';
import { isWrong, type ProfileConfiguration, readConfiguration } from './configuration';
import { placeFor } from './consolePlaces';
import { pyrolensType } from './debugpyEntries';
import { ProfilingAdapter, type TerminalRequests } from './profilingAdapter';
import { wrongSetting } from './wrongSettings';

export interface DebuggingParts {
  readonly session: ProfilingSession;
  readonly failures: Failures;
  readonly launcherPath: string;
}

type Folder = vscode.WorkspaceFolder | undefined;

/** The editor replaces it by the path of the file in the active editor. */
const currentFile = `$\{file}`;

/** The debug type `pyrolens`: launch configurations are checked here and run as recordings. */
export class Debugging {
  constructor(private readonly parts: DebuggingParts) {}

  /** What «Run and Debug» offers without a `launch.json`. */
  dynamicConfigurations(): vscode.DebugConfiguration[] {
    const common = { type: pyrolensType, request: 'launch' };
    return [
      { ...common, name: vscode.l10n.t('Profile Current File'), program: currentFile },
      {
        ...common,
        name: vscode.l10n.t('Profile Module'),
        module: `$\{command:pickModule}`,
        args: `$\{command:pickArgs}`,
      },
      { ...common, name: vscode.l10n.t('Profile pytest File'), module: 'pytest', args: [currentFile] },
    ];
  }

  /** Completes a configuration; variables have not been replaced yet. An empty one profiles the current file. */
  resolve(folder: Folder, configuration: vscode.DebugConfiguration): vscode.DebugConfiguration {
    const isEmpty = !configuration.type && !configuration.request && !configuration.name;
    const common = { type: pyrolensType, request: 'launch', name: vscode.l10n.t('Profile Current File') };
    const { program, module, code } = configuration;
    const entry = program || module || code ? {} : { program: currentFile };
    const isInConsole = configuration['console'] === 'internalConsole';
    return {
      ...(isEmpty ? common : {}),
      ...entry,
      envFile: envFileSetting(folder),
      internalConsoleOptions: isInConsole ? 'openOnSessionStart' : 'neverOpen',
      ...configuration,
      // A program that is measured is not being debugged: the status bar keeps its colour.
      noDebug: true,
    };
  }

  /** Refuses what cannot be run, with the reason; null makes the editor open the `launch.json`. */
  check(folder: Folder, configuration: vscode.DebugConfiguration): vscode.DebugConfiguration | null {
    const { name, request } = configuration;
    const read =
      request === 'launch'
        ? readConfiguration(configuration, folder?.uri.fsPath)
        : { setting: 'request', expected: ['launch'] };
    if (!isWrong(read)) return configuration;
    this.parts.failures.show(wrongSetting(name, read));
    return null;
  }

  /** Runs one session of our type. */
  adapter({ configuration, workspaceFolder }: vscode.DebugSession): vscode.DebugAdapterDescriptor {
    const start = (requests: TerminalRequests) => this.start(configuration, workspaceFolder, requests);
    return new vscode.DebugAdapterInlineImplementation(new ProfilingAdapter({ start }));
  }

  private async start(
    configuration: vscode.DebugConfiguration,
    folder: Folder,
    requests: TerminalRequests,
  ): Promise<StartedProgram | undefined> {
    try {
      const read = readConfiguration(configuration, folder?.uri.fsPath);
      if (isWrong(read)) throw wrongSetting(configuration.name, read);
      const place = placeFor(read.console, this.parts.launcherPath, requests);
      return await this.parts.session.start(requestFor(read, folder), place);
    } catch (error) {
      this.parts.failures.show(error);
      return undefined;
    }
  }
}

function requestFor(configuration: ProfileConfiguration, folder: Folder): LaunchRequest {
  const { entry, consoleName, console: _place, ...rest } = configuration;
  const name = programName(entry);
  const script = entry.kind === 'script' ? vscode.Uri.file(entry.path) : undefined;
  const resource = script ?? folder?.uri ?? vscode.Uri.file(rest.cwd ?? process.cwd());
  return {
    ...rest,
    entry,
    resource,
    cwd: rest.cwd ?? folder?.uri.fsPath,
    title: consoleName ?? `Pyrolens: ${name}`,
  };
}
