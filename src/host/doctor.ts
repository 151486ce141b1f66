import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { DoctorReport, EngineReport } from '../recorder/preflight/doctor';
import {
  doctorText,
  givesText,
  nameInSentence,
  offerText,
  placeText,
} from '../recorder/preflight/doctorText';
import type { PythonFacts } from '../recorder/pythonProbe';
import { commands, doctorScheme } from '../shared/contributions';
import { type AskedEngine, engineNames } from '../shared/engines';
import { inertLabel } from '../shared/inertText';
import { Disposable } from './disposable';
import { type EngineChooser, inertSaid } from './engineChooser';
import { sayPreflight } from './failureSentences';
import { findInterpreter } from './interpreter';
import type { Log } from './log';
import type { SettingsReader } from './settingsReader';

export interface DoctorParts {
  readonly engines: EngineChooser;
  readonly settings: SettingsReader;
  readonly log: Log;
}

interface ShownReport {
  readonly text: string;
  readonly lenses: readonly vscode.CodeLens[];
}

/** «Doctor» and «Select Engine…»: what can run here, why the rest cannot, and what helps. */
export class Doctor extends Disposable {
  private readonly reports = new Map<string, ShownReport>();
  private count = 0;

  constructor(private readonly parts: DoctorParts) {
    super();
    this.register(
      vscode.languages.registerCodeLensProvider(
        { scheme: doctorScheme },
        { provideCodeLenses: document => [...(this.reports.get(document.uri.toString())?.lenses ?? [])] },
      ),
    );
  }

  /** Examines the engines anew and shows the report in place of the one before. */
  async show(): Promise<void> {
    const uri = vscode.Uri.from({
      scheme: doctorScheme,
      path: '/Pyrolens Doctor',
      query: String(++this.count),
    });
    await this.makeReport(uri);
    await closeReports();
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** Text of a report; one that a window restores is made anew. */
  async text(uri: vscode.Uri): Promise<string> {
    return (this.reports.get(uri.toString()) ?? (await this.makeReport(uri))).text;
  }

  /**
   * Lets the user choose the engine of the runs to come. From Doctor's report it is called with the engine, and with
   * `isInstallOnly` where that is to be installed and the choice stays as it is.
   */
  async select(argument: unknown): Promise<void> {
    const python = await this.python();
    const wanted = readArgument(argument);
    if (wanted?.isInstallOnly && wanted.engine !== 'auto') {
      await this.parts.engines.install(wanted.engine, python);
      return this.show();
    }
    const engine = wanted?.engine ?? (await this.pickEngine(python));
    if (engine === undefined) return;
    const chosen = await this.parts.engines.choose(engine, python);
    await setEngine(engine === 'auto' ? engine : chosen.engine);
  }

  private async makeReport(uri: vscode.Uri): Promise<ShownReport> {
    const report = await this.parts.engines.examine(await this.python());
    const { text, lineOfEngine } = doctorText(report, sayPreflight, offer => offerText(offer, sayPreflight));
    const lenses = report.engines.flatMap((engine, index) => lensesOf(engine, lineOfEngine[index] ?? 0));
    const shown = { text, lenses };
    this.reports.clear();
    this.reports.set(uri.toString(), shown);
    return shown;
  }

  /** The interpreter of the file in front, else of the workspace. */
  private python(): Promise<PythonFacts> {
    const active = vscode.window.activeTextEditor?.document.uri;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? process.cwd();
    const file = active?.scheme === 'file' ? active : vscode.Uri.file(join(folder, 'script.py'));
    const { settings, log } = this.parts;
    const searchFrom = dirname(file.fsPath);
    return findInterpreter(file, { setting: settings.forResource(file).python, searchFrom, log });
  }

  private async pickEngine(python: PythonFacts): Promise<AskedEngine | undefined> {
    const current = this.parts.settings.current.engine;
    const items = this.parts.engines.examine(python).then(report => pickItems(report, current));
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Select Engine…'),
      placeHolder: vscode.l10n.t('Engines for Python {0}', python.version),
      matchOnDetail: true,
    });
    return picked?.engine;
  }
}

interface EngineItem extends vscode.QuickPickItem {
  readonly engine: AskedEngine;
}

function pickItems({ auto, engines }: DoctorReport, current: AskedEngine): EngineItem[] {
  const mark = (engine: AskedEngine) => (engine === current ? vscode.l10n.t('current') : '');
  const autoDetail =
    auto.kind === 'chosen'
      ? {
          text: 'doctorAuto' as const,
          facts: { engine: nameInSentence(auto.engine, sayPreflight), why: sayPreflight(auto.why) },
        }
      : auto.cause;
  return [
    { engine: 'auto', label: '$(wand) auto', description: mark('auto'), detail: sayPreflight(autoDetail) },
    ...engines.map(engine => ({
      engine: engine.engine,
      label: `$(${iconOf(engine)}) ${engine.label}`,
      description: [mark(engine.engine), engine.tool?.version].filter(Boolean).join(' · '),
      detail: detailOf(engine),
    })),
  ];
}

function iconOf({ tool, offers }: EngineReport): string {
  if (tool) return 'check';
  return offers[0]?.kind === 'install' ? 'cloud-download' : 'circle-slash';
}

function detailOf(engine: EngineReport): string {
  const { tool, cause } = engine;
  const state = cause
    ? sayPreflight(inertSaid(cause))
    : tool
      ? inertLabel(placeText(tool, sayPreflight))
      : '';
  return `${givesText(engine, sayPreflight)} — ${state}`;
}

/** An engine that can run can be chosen; one that cannot, helped where an installation does. */
function lensesOf({ engine, label, tool, offers }: EngineReport, line: number): vscode.CodeLens[] {
  const range = new vscode.Range(line, 0, line, 0);
  const command = commands.selectEngine;
  if (tool) {
    const title = vscode.l10n.t('Use {0} from now on', label);
    return [new vscode.CodeLens(range, { title, command, arguments: [{ engine }] })];
  }
  const [offer] = offers;
  if (offer?.kind !== 'install') return [];
  const title = offerText(offer, sayPreflight);
  return [new vscode.CodeLens(range, { title, command, arguments: [{ engine, isInstallOnly: true }] })];
}

function readArgument(argument: unknown): { engine: AskedEngine; isInstallOnly: boolean } | undefined {
  const { engine, isInstallOnly } = (argument ?? {}) as { engine?: unknown; isInstallOnly?: unknown };
  const known = engineNames.find(name => name === engine);
  return known && { engine: known, isInstallOnly: isInstallOnly === true };
}

/** Where the user has set it already, else for all workspaces: nothing is written into a workspace unasked. */
async function setEngine(engine: AskedEngine): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('pyrolens');
  const isInWorkspace = configuration.inspect('engine')?.workspaceValue !== undefined;
  const target = isInWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update('engine', engine, target);
}

async function closeReports(): Promise<void> {
  const isReport = ({ input }: vscode.Tab) =>
    input instanceof vscode.TabInputText && input.uri.scheme === doctorScheme;
  const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs).filter(isReport);
  await vscode.window.tabGroups.close(tabs, true);
}
