import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectorLogFile, logSentences } from '../shared/collectorLog';

/** What an engine's tool printed. */
export const engineLogFile = 'engine.log';

/** The last sentence of the collectors' log, without its time and process; '' where nothing went wrong. */
export async function lastReason(runDir: string): Promise<string> {
  const said = await readFile(join(runDir, collectorLogFile), 'utf8').catch(() => '');
  return logSentences(said).at(-1) ?? '';
}

const maxSaidBytes = 64 * 1024;
const maxWordsChars = 300;

/** The end of what the tool printed, 64 KB at most; '' when it printed nothing. */
export function readEngineLog(runDir: string): string {
  let log: number;
  try {
    log = openSync(join(runDir, engineLogFile), 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(log);
    const bytes = Buffer.alloc(Math.min(size, maxSaidBytes));
    return bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    closeSync(log);
  }
}

/** The last line that says anything: tools end their complaints with the cause. */
export function lastWords(said: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are not words.
  const plain = said.replace(/\x1b\[[\d;]*m/g, '').replace(/[^\P{C}\n]/gu, '');
  return plain.trim().split('\n').at(-1)?.trim().slice(0, maxWordsChars) || undefined;
}
