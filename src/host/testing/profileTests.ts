import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import type { LaunchRequest } from '../launching';
import type { ProfilingSession } from '../profilingSession';
import { envFileSetting, resolvePath } from '../pythonSettings';
import { saveBeforeRun } from '../savedFile';
import { testAtLine } from './testAtLine';
import { selectTests, type TestSettings } from './testIds';

export interface ProfileTestParts {
  readonly session: ProfilingSession;
  /** Folder of the bundled Python. */
  readonly collectors: string;
}

/** A test as the Test Explorer hands it over, or as it was found at the cursor. */
type Test = Pick<vscode.TestItem, 'id' | 'uri'>;

/** Profiles the bodies of tests: the chosen items of the Test Explorer, or the test at the cursor. */
export async function profileTests(items: readonly unknown[], parts: ProfileTestParts): Promise<void> {
  parts.session.requireIdle();
  const chosen = items.filter(isTest);
  const tests = chosen.length > 0 ? chosen : testAtCursor();
  const [first] = tests;
  if (first === undefined) return explainNoTest();
  const resource = first.uri ?? vscode.Uri.file(first.id);
  if (resource.fsPath.endsWith('.py')) await saveBeforeRun(resource.fsPath);
  await parts.session.start(requestFor(tests, resource, parts.collectors));
}

function isTest(value: unknown): value is Test {
  return typeof (value as Test | undefined)?.id === 'string';
}

function requestFor(tests: readonly Test[], resource: vscode.Uri, collectors: string): LaunchRequest {
  const folder = vscode.workspace.getWorkspaceFolder(resource);
  const settings = testSettings(resource);
  const cwd = workingFolder(resource, folder);
  const selection = selectTests(
    tests.map(test => test.id),
    cwd,
    settings,
  );
  const envFile = envFileSetting(folder);
  return {
    entry: { kind: 'script', path: join(collectors, 'profile_tests.py') },
    args: [selection.framework, ...selection.args],
    // The one that is told by the program itself when a body begins and ends.
    engine: 'bundled-sampler',
    options: { children: true, native: false },
    env: { PYROLENS_WAITS: '1' },
    envFile: envFile && resolvePath(envFile, folder),
    name: selection.name,
    script: resource.fsPath,
    resource,
    cwd,
  };
}

function testSettings(resource: vscode.Uri): TestSettings {
  const configuration = vscode.workspace.getConfiguration('python.testing', resource);
  return {
    isPytestEnabled: configuration.get('pytestEnabled', false),
    isUnittestEnabled: configuration.get('unittestEnabled', false),
    pytestArgs: configuration.get<string[]>('pytestArgs', []),
    unittestArgs: configuration.get<string[]>('unittestArgs', []),
  };
}

function workingFolder(resource: vscode.Uri, folder: vscode.WorkspaceFolder | undefined): string {
  const root = folder?.uri.fsPath ?? dirname(resource.fsPath);
  const setting = vscode.workspace.getConfiguration('python.testing', resource).get<string>('cwd');
  if (!setting) return root;
  const cwd = resolvePath(setting, folder);
  return isAbsolute(cwd) ? cwd : join(root, cwd);
}

/** Where there is no Test Explorer: the id is written as its own would be. */
function testAtCursor(): Test[] {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== 'python' || editor.document.uri.scheme !== 'file') return [];
  const { uri } = editor.document;
  const path = testAtLine(editor.document.getText().split(/\r?\n/), editor.selection.active.line);
  if (path === undefined) return [];
  const { isPytestEnabled, isUnittestEnabled } = testSettings(uri);
  const separator = isUnittestEnabled && !isPytestEnabled ? '\\' : '::';
  return [{ id: [uri.fsPath, ...path].join(separator), uri }];
}

async function explainNoTest(): Promise<void> {
  await vscode.window.showInformationMessage(
    vscode.l10n.t('There is no test at the cursor. Put it into a function whose name begins with «test».'),
  );
}
