/** Shares the extension host with Pyrolens, so that its event loop is the one that Pyrolens could hold up. */
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const vscode = require('vscode');

const resolutionMs = 2;
let monitor;

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
  );
};
