/** Python's tests on several interpreters, two at a time; what failed has a second chance, alone. */
import { mostRepeatedFiles, someAtATime } from './secondChance.mjs';
import { secondChanceNote } from './tapCounts.mjs';

/**
 * Runs `runTests(interpreter, ids)` for each `{ name, … }`: all tests when there are no ids. It resolves to the
 * interpreter's `{ code, lastLine }`, of which the line is what `run_unittest.py` ends with. Tests that failed are run
 * once more when they are few; their second result counts. Resolves to `{ passed, failed, skipped, notes }`.
 */
export async function runPythonTests(interpreters, runTests) {
  const reports = await someAtATime(interpreters, 2, async interpreter => {
    return { interpreter, counts: countsOf(await runTests(interpreter, [])) };
  });
  const failedCount = reports.reduce((sum, { counts }) => sum + counts.failed, 0);
  if (failedCount <= mostRepeatedFiles) {
    for (const report of reports) {
      if (report.counts.failed > 0) report.counts = await repeated(report, runTests);
    }
  }
  return wholeSuite(reports);
}

/** A crash of the interpreter leaves no line of counts, and no test's name: then all of its tests are run again. */
async function repeated({ interpreter, counts }, runTests) {
  const again = countsOf(await runTests(interpreter, counts.isWhole ? counts.failures : []));
  const recovered = counts.failures
    .filter(failure => !again.failures.includes(failure))
    .map(failure => secondChanceNote(failure).replace('# ', ''));
  if (!counts.isWhole) return { ...again, recovered: again.isWhole ? recovered : [] };
  // What fails outside a test (a class's preparation) has no id to run again.
  if (again.passed + again.failed < counts.failures.length) return counts;
  return {
    ...counts,
    passed: counts.passed + again.passed,
    failed: again.failed,
    failures: again.failures,
    recovered,
  };
}

function countsOf({ code, lastLine }) {
  try {
    return { ...JSON.parse(lastLine), isWhole: true, recovered: [] };
  } catch {
    const failures = [`the interpreter ended with ${code}`];
    return { passed: 0, failed: 1, skipped: [], failures, isWhole: false, recovered: [] };
  }
}

function wholeSuite(reports) {
  const result = { passed: 0, failed: 0, skipped: 0, notes: [] };
  for (const { interpreter, counts } of reports) {
    const { name } = interpreter;
    result.passed += counts.passed;
    result.failed += counts.failed;
    result.skipped += counts.skipped.length;
    for (const failure of counts.failures) result.notes.push(`FAILED ${name}: ${failure}`);
    for (const skip of counts.skipped) result.notes.push(`skipped ${name}: ${skip}`);
    for (const note of counts.recovered) result.notes.push(`${name}: ${note}`);
  }
  return result;
}
