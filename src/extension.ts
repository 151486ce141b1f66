/**
 * What a window pays for the extension: commands, the result editor, the view and kept sources are registered here,
 * and whoever is used first loads the rest. Only a profile that was shown or recorded before a reload loads it at once.
 */

import * as vscode from 'vscode';
import type { Application } from './host/application';
import type { CommandName } from './host/commands';
import { DebuggedProcesses } from './host/debug/debuggedProcesses';
import { followDebugger, registerDebugging } from './host/debug/registerDebugging';
import { loadApplication } from './host/loadApplication';
import type { ProfilesItem, ProfilesView } from './host/profilesTree';
import { registerTasks } from './host/tasks/registerTasks';
import {
  commands,
  doctorScheme,
  keptSourceScheme,
  memoryKeys,
  quickMenuCommand,
  resultKeys,
  variableCommands,
  viewIds,
} from './shared/contributions';

let application: Application | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const treeChanged: ProfilesView['changed'] = new vscode.EventEmitter();
  const tree = vscode.window.createTreeView<ProfilesItem>(viewIds.profiles, {
    treeDataProvider: {
      onDidChangeTreeData: treeChanged.event,
      getChildren: parent => load().tree.getChildren(parent),
      getTreeItem: item => load().tree.getTreeItem(item),
    },
  });
  const view = { tree, changed: treeChanged };
  const processes = new DebuggedProcesses();
  const load = (): Application => {
    if (application === undefined) {
      application = loadApplication().createApplication(context, view, processes);
      // A key of the result editor: nobody can press one before there is an editor, which loads the rest.
      register(Object.keys(resultKeys) as CommandName[]);
    }
    return application;
  };
  const register = (names: readonly CommandName[]): void => {
    for (const id of names) {
      const run = (...args: unknown[]) => load().run(id, ...args);
      context.subscriptions.push(vscode.commands.registerCommand(id, run));
    }
  };
  const names: CommandName[] = [
    ...Object.values(commands),
    ...Object.values(variableCommands),
    quickMenuCommand,
  ];
  register(names.filter(id => !Object.hasOwn(resultKeys, id)));
  const provider: vscode.CustomReadonlyEditorProvider = {
    openCustomDocument: uri => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: (document, panel) => load().results.resolve(document.uri, panel),
  };
  const editors = [viewIds.resultEditor, viewIds.optionalEditor].map(id =>
    vscode.window.registerCustomEditorProvider(id, provider, { supportsMultipleEditorsPerDocument: true }),
  );
  const texts = [keptSourceScheme, doctorScheme].map(scheme =>
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: uri => load().virtualText(uri),
    }),
  );
  context.subscriptions.push(treeChanged, tree, ...editors, ...texts);
  context.subscriptions.push(
    ...registerDebugging(() => load().debugging),
    ...followDebugger(processes),
    registerTasks(() => load().tasks),
  );
  const hasPast = Object.values(memoryKeys).some(key => context.workspaceState.get(key) !== undefined);
  if (hasPast) setImmediate(load);
}

/** Ends what runs; nothing, where Pyrolens was never used. */
export async function deactivate(): Promise<void> {
  await application?.stop();
}
