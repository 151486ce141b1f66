import * as vscode from 'vscode';
import type { DebuggedProcesses } from './debuggedProcesses';
import type { Debugging } from './debugging';
import { debuggerTypes, pyrolensType } from './debugpyEntries';

/** Follows the sessions of the Python debugger, so that their programs can be recorded. Part of the small bundle. */
export function followDebugger(processes: DebuggedProcesses): vscode.Disposable[] {
  return debuggerTypes.map(type =>
    vscode.debug.registerDebugAdapterTrackerFactory(type, {
      createDebugAdapterTracker: session => processes.tracker(session),
    }),
  );
}

/** Registers the debug type; whatever is asked of it loads the rest of the extension. Part of the small bundle. */
export function registerDebugging(load: () => Debugging): vscode.Disposable[] {
  const dynamic: vscode.DebugConfigurationProvider = {
    provideDebugConfigurations: () => load().dynamicConfigurations(),
  };
  return [
    vscode.debug.registerDebugConfigurationProvider(pyrolensType, {
      resolveDebugConfiguration: (folder, configuration) => load().resolve(folder, configuration),
      resolveDebugConfigurationWithSubstitutedVariables: (folder, configuration) =>
        load().check(folder, configuration),
    }),
    vscode.debug.registerDebugConfigurationProvider(
      pyrolensType,
      dynamic,
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
    vscode.debug.registerDebugAdapterDescriptorFactory(pyrolensType, {
      createDebugAdapterDescriptor: session => load().adapter(session),
    }),
  ];
}
