import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where runs made without an editor are kept: the user's data folder, as each system has it. */
export function runsFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(dataFolder(environment, platform), 'pyrolens', 'runs');
}

/** Where the tools are that Pyrolens has installed for itself. */
export function toolsFolder(): string {
  return join(dataFolder(process.env, process.platform), 'pyrolens', 'tools');
}

function dataFolder(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  if (platform === 'win32') return environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  return environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
}
