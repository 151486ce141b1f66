"""Runs the unittests below a folder and ends with one line of JSON: counts, failures, reasons of skips.

`run_unittest.py FOLDER [ID ...]`: all of them, or those of these ids.
"""

from __future__ import annotations

import json
import sys
import unittest
from collections.abc import Iterator


def main(folder: str, ids: list[str]) -> int:
    """Returns 0 when nothing failed. Names are test ids; a failing subtest makes its test fail."""
    suite = unittest.defaultTestLoader.discover(folder, top_level_dir=folder)
    if ids:
        suite = unittest.TestSuite(test for test in tests_of(suite) if test.id() in ids)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    failures = sorted({id_of(test) for test, _ in [*result.failures, *result.errors]})
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


def tests_of(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """The tests of a suite of suites, one by one."""
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from tests_of(part)
        else:
            yield part


def id_of(test: unittest.TestCase) -> str:
    """A subtest's is that of its test."""
    return getattr(test, "test_case", test).id()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
