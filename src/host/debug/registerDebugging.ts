import * as vscode from 'vscode';
import type { Debugging } from './debugging';
import { pyrolensType } from './debugpyEntries';

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
