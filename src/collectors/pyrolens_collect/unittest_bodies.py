"""Runs unittest's tests; their methods are recorded, `setUp` and `tearDown` are not."""

from __future__ import annotations

import argparse
import os
import sys
import unittest

from pyrolens_collect.test_bodies import BodyRuns, TestBody, recorded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def main(arguments: list[str]) -> int:
    """Runs the tests with these dotted names, or all that are found below a folder; returns the exit code."""
    asked = _parser().parse_args(arguments)
    sys.path[0] = os.path.abspath(asked.top or asked.start)
    loader = unittest.TestLoader()
    if asked.names:
        suite = loader.loadTestsFromNames(asked.names)
    else:
        suite = loader.discover(asked.start, asked.pattern, asked.top)
    runs = BodyRuns()
    for test in _cases(suite):
        _repeat(test, runs)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="profile_tests.py unittest")
    parser.add_argument("-s", "--start-directory", dest="start", default=".")
    parser.add_argument("-p", "--pattern", default="test*.py")
    parser.add_argument("-t", "--top-level-directory", dest="top")
    parser.add_argument("names", nargs="*")
    return parser


def _cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _cases(test)
        elif type(test).__module__ != "unittest.loader":
            yield test


def _repeat(test: unittest.TestCase, runs: BodyRuns) -> None:
    """Makes `test` record its method, and run again while it passes and is too short."""
    body = TestBody(runs)
    record_method(test, body)
    run = test.run

    def run_again_and_again(result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        trouble_count = _trouble_count(result)
        outcome = run(result)
        if result is None or _trouble_count(result) > trouble_count:
            return outcome
        while body.is_worth_repeating():
            repetition = unittest.TestResult()
            # Another case, as the loader makes them: one with an event loop of its own runs once only.
            again = type(test)(test._testMethodName)
            record_method(again, body)
            again.run(repetition)
            result.failures += repetition.failures
            result.errors += repetition.errors
            if _trouble_count(repetition):
                break
        return outcome

    test.run = run_again_and_again


def _trouble_count(result: unittest.TestResult | None) -> int:
    if result is None:
        return 0
    trouble = (
        result.failures,
        result.errors,
        result.skipped,
        result.expectedFailures,
        result.unexpectedSuccesses,
    )
    return sum(map(len, trouble))


def record_method(test: unittest.TestCase, body: TestBody) -> None:
    """Puts the recording around the method that `test` runs."""
    name = test._testMethodName
    setattr(test, name, recorded(getattr(test, name), body))
