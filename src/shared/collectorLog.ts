/** The collectors' log in a run's folder. */

/** Why something could not be recorded, a sentence for each reason, for whoever misses it. */
export const collectorLogFile = 'collector.log';

/** What the collectors write before a sentence (`pyrolens_collect/errors.py`). */
const prefix = /^(?:\d{4}-\d\d-\d\dT[\d:]+ )?(?:pid \d+ )?/;

/** The sentences of the log's text, without their times and processes. */
export function logSentences(text: string): string[] {
  const lines = text.trim().split('\n');
  return lines.map(line => line.replace(prefix, '')).filter(line => line !== '');
}
