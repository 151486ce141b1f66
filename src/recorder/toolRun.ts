import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { collectorLogFile } from '../shared/collectorLog';
import { engineLogFile, lastWords, readEngineLog } from './engineLog';
import type { Environment } from './engines/engine';

export interface ToolRun {
  readonly runDir: string;
  readonly env: Environment;
  readonly timeoutMs: number;
}

/** Runs an engine's tool to its end, its words going to the run's log. Resolves to why it failed, or undefined. */
export async function runTool(
  [program = '', ...args]: readonly string[],
  { runDir, env, timeoutMs }: ToolRun,
): Promise<string | undefined> {
  const log = openSync(join(runDir, engineLogFile), 'a');
  try {
    const child = spawn(program, args, {
      cwd: runDir,
      env: env as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    return await new Promise(resolve => {
      child.once('error', error => resolve(error.message));
      child.once('exit', (code, signal) => {
        if (child.killed) resolve(`it took more than ${timeoutMs / 1000} seconds`);
        else if (signal !== null) resolve(`it was ended by ${signal}`);
        else if (code === 0) resolve(undefined);
        else resolve(lastWords(readEngineLog(runDir)) ?? `it ended with exit code ${code}`);
      });
    });
  } finally {
    closeSync(log);
  }
}

/** Tells whoever misses a result why it is not there. */
export function noteReason(runDir: string, what: string, reason: string): void {
  appendFileSync(join(runDir, collectorLogFile), `${what}: ${reason.replace(/\.?$/, '.')}\n`);
}
