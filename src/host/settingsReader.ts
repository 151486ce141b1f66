import * as vscode from 'vscode';
import { checkSettings, type Settings } from '../shared/settings';
import { Disposable } from './disposable';

/** The user's settings, checked, and an event when any of ours changes. */
export class SettingsReader extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<Settings>());
  readonly onDidChange = this.changed.event;
  private checked: Settings | undefined;

  constructor() {
    super();
    this.register(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (!event.affectsConfiguration('pyrolens')) return;
        this.checked = undefined;
        this.changed.fire(this.current);
      }),
    );
  }

  get current(): Settings {
    this.checked ??= this.forResource(undefined);
    return this.checked;
  }

  /** Settings as they are for a file: folders can have their own. */
  forResource(uri: vscode.Uri | undefined): Settings {
    const configuration = vscode.workspace.getConfiguration('pyrolens', uri);
    return checkSettings(key => configuration.get(key));
  }
}
