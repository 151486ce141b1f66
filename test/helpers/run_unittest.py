"""Runs every unittest below a folder and ends with one line of JSON: counts, failures, reasons of skips."""

from __future__ import annotations

import json
import sys
import unittest


def main(folder: str) -> int:
    """Returns 0 when nothing failed. Names are test ids; a failing subtest makes its test fail."""
    suite = unittest.defaultTestLoader.discover(folder, top_level_dir=folder)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    broken = [*result.failures, *result.errors]
    failures = sorted({str(test).split(" (<subtest>")[0] for test, _ in broken})
    failures += [f"{test}: passes although expected to fail" for test in result.unexpectedSuccesses]
    skipped = [f"{test}: {reason}" for test, reason in result.skipped]
    passed = result.testsRun - len(failures) - len(skipped)
    print(
        json.dumps(
            {"passed": max(0, passed), "failed": len(failures), "skipped": skipped, "failures": failures}
        ),
        flush=True,
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
