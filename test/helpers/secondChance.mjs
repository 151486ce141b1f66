/** What failed is run once more, alone: on a busy machine its mood can be what failed. */
import { failedTests, secondChanceNote } from './tapCounts.mjs';

/** When more files than this have failed, the machine is not to blame, and nothing is run again. */
export const mostRepeatedFiles = 3;

/**
 * Runs each file with `runFile(file)`, which resolves to its `{ code, tap }`, `concurrency` at a time, then once more,
 * alone, those that failed, if they are few; their second result counts. Resolves to the suite's `{ code, tap }`:
 * code 0 when all is well, and the TAP documents that count, each with a comment for every test that failed at first
 * and then did not.
 */
export async function runWithSecondChance(files, runFile, { concurrency = 1 } = {}) {
  const results = await someAtATime(files, concurrency, async file => ({ file, ...(await runFile(file)) }));
  const failed = results.filter(({ code }) => code !== 0);
  if (failed.length > mostRepeatedFiles) return wholeSuite(results);
  for (const result of failed) Object.assign(result, repeated(result, await runFile(result.file)));
  return wholeSuite(results);
}

/** Resolves to what `job` made of each item, in the items' order; `concurrency` of them are at work at a time. */
export async function someAtATime(items, concurrency, job) {
  const results = [];
  const waiting = [...items.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results[next[0]] = await job(next[1]);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results;
}

function wholeSuite(results) {
  return {
    code: results.find(({ code }) => code !== 0)?.code ?? 0,
    tap: results.map(({ tap }) => tap).join(''),
  };
}

function repeated(first, second) {
  const notes = recoveredTests(first, second).map(name => `${secondChanceNote(name)}\n`);
  return { code: second.code, tap: [second.tap, ...notes].join('') };
}

/** A file that ended before it could say which test failed has its own name only. */
function recoveredTests(first, second) {
  const atFirst = failedTests(first.tap);
  if (second.code === 0) return atFirst.length > 0 ? atFirst : [first.file.replace(/^.*[\\/]/, '')];
  const again = failedTests(second.tap);
  return again.length > 0 ? atFirst.filter(name => !again.includes(name)) : [];
}
