import * as vscode from 'vscode';
import {
  type ChosenEngine,
  chooseEngine,
  type PreflightFacts,
  preflightFacts,
  type RefusedEngine,
} from '../recorder/preflight/chooseEngine';
import { type DoctorReport, examine } from '../recorder/preflight/doctor';
import { offerText } from '../recorder/preflight/doctorText';
import { installTool } from '../recorder/preflight/installTool';
import type { ToolFinding } from '../recorder/preflight/toolFinding';
import type { PythonFacts } from '../recorder/pythonProbe';
import { commands } from '../shared/contributions';
import { type AskedEngine, type EngineName, engineFacts } from '../shared/engines';
import { inertLabel } from '../shared/inertText';
import type { EngineOffer, Said } from '../shared/preflight';
import { sayPreflight } from './failureSentences';
import type { Log } from './log';

const shownLineChars = 80;

/** The checks before a run, and what the user is asked when an engine cannot run. */
export class EngineChooser {
  constructor(
    /** Our own tools. */
    private readonly toolsDir: string,
    private readonly log: Log,
  ) {}

  /**
   * The engine for a program. When the one that was asked for cannot run, the user is told why and what helps, and
   * what they take is done; whoever dismisses the question starts nothing (`CancellationError`).
   */
  async choose(asked: AskedEngine, python: PythonFacts): Promise<ChosenEngine> {
    let verdict = await chooseEngine(asked, this.facts(python));
    while (verdict.kind === 'refused') {
      const engine = await this.takeOffer(verdict, python);
      verdict = await chooseEngine(engine, this.facts(python));
    }
    const { engine, tool, why } = verdict;
    this.log.info(`Engine: ${engine} ${[tool.version, ...tool.command].join(' ')} (${sayPreflight(why)})`);
    return verdict;
  }

  /** Everything about an interpreter's engines. */
  examine(python: PythonFacts): Promise<DoctorReport> {
    return examine(this.facts(python), this.toolsDir);
  }

  /** Installs an engine's tool into our folder and shows how far it is. Cancelled: `CancellationError`. */
  async install(engine: EngineName, python: PythonFacts): Promise<void> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Installing {0} into Pyrolens’s own tools folder', engineFacts(engine).label),
      cancellable: true,
    };
    const search = { python, toolsDir: this.toolsDir, environment: process.env };
    const tool = await vscode.window.withProgress(options, (progress, token) => {
      const cancellation = new AbortController();
      token.onCancellationRequested(() => cancellation.abort());
      const onLine = (line: string) => {
        this.log.info(line);
        progress.report({ message: inertLabel(line).slice(0, shownLineChars) });
      };
      return installTool(engine, search, { signal: cancellation.signal, onLine });
    });
    if (tool === undefined) throw new vscode.CancellationError();
    this.log.info(`Installed ${engine} ${tool.version} into ${this.toolsDir}`);
  }

  /** Looks for an engine's tool: beside the interpreter, in our own folder, on PATH. */
  findTool(engine: EngineName, python: PythonFacts): Promise<ToolFinding> {
    return this.facts(python).findTool(engine);
  }

  private facts(python: PythonFacts): PreflightFacts {
    return preflightFacts(python, this.toolsDir);
  }

  /** The engine to go on with. */
  private async takeOffer(refused: RefusedEngine, python: PythonFacts): Promise<EngineName> {
    const offer = await askForOffer(refused, python);
    if (offer?.kind === 'useInstead') return offer.engine;
    if (offer?.kind === 'install') {
      await this.install(offer.engine, python);
      return offer.engine;
    }
    if (offer) await vscode.commands.executeCommand(commands.selectInterpreter);
    throw new vscode.CancellationError();
  }
}

/** A dialog: it answers a command of the user's, and installing needs their consent. */
async function askForOffer(
  { cause, offers }: RefusedEngine,
  python: PythonFacts,
): Promise<EngineOffer | undefined> {
  const isInstallable = offers.some(offer => offer.kind === 'install');
  const detail = isInstallable
    ? vscode.l10n.t(
        'It would be installed with pip of {0}, or with uv, into a folder of Pyrolens’s own. Your environment is not changed.',
        inertLabel(python.executable),
      )
    : '';
  const buttons = offers.map(offer => ({ offer, title: offerText(offer, sayPreflight) }));
  const chosen = await vscode.window.showWarningMessage(
    sayPreflight(inertSaid(cause)),
    { modal: true, detail },
    ...buttons,
  );
  return chosen?.offer;
}

/** Facts hold paths and words of other programs. */
export function inertSaid({ text, facts }: Said): Said {
  const shown = Object.entries(facts).map(([key, value]) => [key, inertLabel(value)]);
  return { text, facts: Object.fromEntries(shown) };
}
