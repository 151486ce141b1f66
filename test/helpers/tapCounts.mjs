/** Reads the TAP that `node --test` writes: counts of its summary, and the reasons of skips and failures. */

/** `{ passed, failed, skipped, notes }` of one suite's TAP text; cancelled tests are failures. */
export function readTap(text) {
  const count = name => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped') + count('todo'),
    notes: notesOf(text),
  };
}

function notesOf(text) {
  const notes = [];
  for (const line of text.split('\n')) {
    const skipped = /^\s*ok \d+ - (.*) # SKIP ?(.*)$/.exec(line);
    if (skipped) notes.push(`skipped ${skipped[1]}: ${skipped[2] || 'no reason given'}`);
    const failed = /^\s*not ok \d+ - (.*)$/.exec(line);
    if (failed) notes.push(`FAILED ${failed[1]}`);
  }
  return notes;
}
