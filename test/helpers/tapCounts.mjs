/** Reads the TAP that `node --test` writes: counts of its summaries, and the reasons of skips and failures. */

const secondChance = '# failed at first, passed when run again: ';

/**
 * `{ passed, failed, skipped, notes }` of one suite's TAP text, which may be several documents one behind the other;
 * cancelled tests are failures.
 */
export function readTap(text) {
  const documents = text.split(/^TAP version 13$/m);
  const count = name => documents.reduce((sum, document) => sum + countOf(document, name), 0);
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
    notes: notesOf(text),
  };
}

/** The summary is a document's last: what tests print becomes comments too. */
function countOf(document, name) {
  const found = [...document.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))];
  return Number(found.at(-1)?.[1] ?? 0);
}

/** The line that says in a suite's TAP that a test failed, and did not when it was run again. */
export function secondChanceNote(test) {
  return `${secondChance}${test}`;
}

function notesOf(text) {
  const notes = [];
  for (const line of text.split('\n')) {
    const skipped = /^\s*ok \d+ - (.*) # SKIP ?(.*)$/.exec(line);
    if (skipped) notes.push(`skipped ${skipped[1]}: ${skipped[2] || 'no reason given'}`);
    const failed = failedName(line);
    if (failed !== undefined) notes.push(`FAILED ${failed}`);
    if (line.startsWith(secondChance)) notes.push(line.replace('# ', ''));
  }
  return notes;
}

/** Names of the tests that failed by themselves: not of suites, which fail because of their tests. */
export function failedTests(text) {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const name = failedName(line);
    return name === undefined || failsByOthers(lines, index) ? [] : [name];
  });
}

function failedName(line) {
  return /^\s*not ok \d+ - (.*)$/.exec(line)?.[1];
}

/** The details stand between `---` and `...`. */
function failsByOthers(lines, index) {
  const end = lines.findIndex((line, at) => at > index && line.trim() === '...');
  return lines.slice(index, end).some(line => line.trim() === "failureType: 'subtestsFailed'");
}
