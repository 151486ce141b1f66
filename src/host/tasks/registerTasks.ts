import * as vscode from 'vscode';
import { pyrolensType } from '../debug/debugpyEntries';
import type { ProfileTasks } from './profileTasks';

/** Registers the task type; whatever is asked of it loads the rest of the extension. Part of the small bundle. */
export function registerTasks(load: () => ProfileTasks): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(pyrolensType, {
    provideTasks: () => load().provide(),
    resolveTask: task => load().resolve(task),
  });
}
