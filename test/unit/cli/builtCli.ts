import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Builds the command line into a folder, as it is shipped. Returns the path of its program. */
export async function buildCli(folder: string): Promise<string> {
  const outfile = join(folder, 'dist', 'cli.js');
  await build({ entryPoints: ['src/cli/main.ts'], outfile, bundle: true, platform: 'node', format: 'cjs' });
  cpSync('src/collectors', join(folder, 'dist', 'collectors'), { recursive: true });
  return outfile;
}
