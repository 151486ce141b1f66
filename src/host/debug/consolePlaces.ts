/** Where a launcher runs that a debug session wants elsewhere than in our terminals: the Debug Console, or outside. */

import { spawn } from 'node:child_process';
import { listenForLauncher } from '../../recorder/controlServer';
import type { Launched, LaunchPlace, TerminalLaunch } from '../terminal';
import type { ConsoleKind } from './configuration';
import type { TerminalRequests } from './profilingAdapter';

/** The place for a kind of console; undefined: our own terminals. */
export function placeFor(
  kind: ConsoleKind,
  launcherPath: string,
  requests: TerminalRequests,
): LaunchPlace | undefined {
  if (kind === 'internalConsole') return { launch: launch => toConsole(launch, launcherPath, requests) };
  if (kind === 'externalTerminal') return { launch: launch => toTerminal(launch, launcherPath, requests) };
  return undefined;
}

/** The program's output goes to the Debug Console; it has no standard input, as with any debugger there. */
async function toConsole(
  launch: TerminalLaunch,
  launcherPath: string,
  requests: TerminalRequests,
): Promise<Launched> {
  const control = await listenForLauncher(launch.handlers);
  const launcher = spawn(process.execPath, [launcherPath, launch.runDir, '--json-lines-to', control.path], {
    cwd: launch.cwd,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  launcher.stdout.setEncoding('utf8').on('data', (text: string) => requests.output(text, 'stdout'));
  launcher.stderr.setEncoding('utf8').on('data', (text: string) => requests.output(text, 'stderr'));
  launcher.once('error', error => {
    requests.output(`${error.message}\n`, 'stderr');
    launch.handlers.onClosed();
  });
  launcher.once('close', () => control.dispose());
  return { send: message => control.send(message) };
}

async function toTerminal(
  launch: TerminalLaunch,
  launcherPath: string,
  requests: TerminalRequests,
): Promise<Launched> {
  const { onMessage, onClosed } = launch.handlers;
  const closed = () => {
    control.dispose();
    onClosed();
  };
  const control = await listenForLauncher({ onMessage, onClosed: closed });
  const args = [process.execPath, launcherPath, launch.runDir, '--hold', '--json-lines-to', control.path];
  const env = { ELECTRON_RUN_AS_NODE: '1' };
  await requests.runInTerminal({ title: launch.title, cwd: launch.cwd, args, env });
  return { send: message => control.send(message) };
}
