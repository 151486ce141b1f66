import * as vscode from 'vscode';
import { pyrolensType } from '../debug/debugpyEntries';
import { wrongSetting } from '../debug/wrongSettings';
import { Disposable } from '../disposable';
import type { Failures } from '../failures';
import { findInterpreter } from '../interpreter';
import type { Log } from '../log';
import type { RunStore } from '../runStore';
import type { SettingsReader } from '../settingsReader';
import { taskCommand } from './taskWords';

export interface TaskParts {
  readonly cliPath: string;
  readonly runs: RunStore;
  readonly settings: SettingsReader;
  readonly failures: Failures;
  readonly log: Log;
}

/** Tasks of type `pyrolens`: our command line in a terminal. Their runs stand among the others. */
export class ProfileTasks extends Disposable {
  constructor(private readonly parts: TaskParts) {
    super();
    this.register(
      vscode.tasks.onDidEndTaskProcess(({ execution }) => {
        if (execution.task.definition.type === pyrolensType) parts.runs.refresh();
      }),
    );
  }

  /** What can be run without a `tasks.json`. */
  async provide(): Promise<vscode.Task[]> {
    const definition = { type: pyrolensType, program: `$\{file}` };
    const name = vscode.l10n.t('profile current file');
    const task = new vscode.Task(definition, vscode.TaskScope.Workspace, name, 'Pyrolens');
    const resolved = await this.resolve(task);
    return resolved ? [resolved] : [];
  }

  /** A task of a `tasks.json` with what it runs; undefined, with the reason shown, when that is wrong. */
  async resolve(task: vscode.Task): Promise<vscode.Task | undefined> {
    const { definition, name, source, scope } = task;
    const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
    const python = definition['python'] ? undefined : await this.selectedPython(folder);
    const command = taskCommand(definition, { python, runsDir: this.parts.runs.root });
    if ('setting' in command) {
      this.parts.failures.show(wrongSetting(name, command));
      return undefined;
    }
    const cwd = typeof definition['cwd'] === 'string' ? definition['cwd'] : folder?.uri.fsPath;
    const env = { ...command.env, ELECTRON_RUN_AS_NODE: '1' };
    const execution = new vscode.ProcessExecution(
      process.execPath,
      [this.parts.cliPath, ...command.words],
      cwd === undefined ? { env } : { env, cwd },
    );
    // The definition has to be the same object: by it the editor knows what it asked about.
    return new vscode.Task(definition, scope ?? vscode.TaskScope.Workspace, name, source, execution, []);
  }

  /** The command line says itself what is wrong when there is none. */
  private async selectedPython(
    folder: vscode.WorkspaceFolder | undefined,
  ): Promise<readonly string[] | undefined> {
    if (folder === undefined) return undefined;
    const { settings, log } = this.parts;
    const place = { setting: settings.forResource(folder.uri).python, searchFrom: folder.uri.fsPath, log };
    return findInterpreter(folder.uri, place).then(
      facts => facts.command,
      () => undefined,
    );
  }
}
