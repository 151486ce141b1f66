/**
 * Shares the extension host with Pyrolens, so that its event loop is the one that Pyrolens could hold up. Also the least
 * that any profiler does: run a file in a terminal and, when it has ended, write one label behind a line.
 */
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const vscode = require('vscode');

const resolutionMs = 2;
let monitor;
let label;

exports.activate = context => {
  context.subscriptions.push(
    vscode.commands.registerCommand('hostDelayProbe.start', () => {
      monitor = monitorEventLoopDelay({ resolution: resolutionMs });
      monitor.enable();
    }),
    vscode.commands.registerCommand('hostDelayProbe.stop', () => {
      monitor.disable();
      // The monitor's own waiting counts as delay; without it an idle loop reads as its resolution.
      const toMs = delayNs => Math.max(0, delayNs / 1e6 - resolutionMs);
      const figures = { p99Ms: toMs(monitor.percentile(99)), maxMs: toMs(monitor.max), count: monitor.count };
      writeFileSync(process.env.PYROLENS_PROBE_FILE, JSON.stringify(figures));
    }),
    vscode.commands.registerCommand('hostDelayProbe.run', runAndLabel),
    vscode.tasks.onDidEndTaskProcess(({ execution }) => {
      if (execution.task.source === source) writeLabel();
    }),
  );
};

const source = 'host-delay-probe';

async function runAndLabel() {
  const { fsPath } = vscode.window.activeTextEditor.document.uri;
  label?.dispose();
  label = vscode.window.createTextEditorDecorationType({ after: { contentText: '1 ms' } });
  const program = new vscode.ProcessExecution('python3', [fsPath]);
  const task = new vscode.Task({ type: 'process' }, vscode.TaskScope.Workspace, 'timed', source, program, []);
  await vscode.tasks.executeTask(task);
}

function writeLabel() {
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document.languageId === 'python');
  editor.setDecorations(label, [new vscode.Range(0, 0, 0, 0)]);
}
