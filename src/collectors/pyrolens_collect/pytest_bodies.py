"""Runs pytest; the test functions are recorded, collection and fixtures are not."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import unittest

from pyrolens_collect.test_bodies import BodyRuns, TestBody, recorded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import pytest
except ModuleNotFoundError:
    pytest = None

_USAGE_ERROR = 4


def main(arguments: list[str]) -> int:
    """Runs pytest with these arguments and returns its exit code."""
    if pytest is None:
        sys.stderr.write(f"Pyrolens: pytest is not installed for {sys.executable}. Install it there.\n")
        return _USAGE_ERROR
    # One process: what several measure at a time would be each other's noise.
    alone = ["-n0"] if importlib.util.find_spec("xdist") else []
    return int(pytest.main([*alone, *arguments], plugins=[_plugin(BodyRuns())]))


def _plugin(runs: BodyRuns) -> object:
    """Returns the plugin; pytest's marks are needed to define it."""
    from _pytest.runner import call_and_report

    class Bodies:
        """Repeats short tests and records their bodies."""

        def __init__(self) -> None:
            self._body = TestBody(runs)

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
            self._body = TestBody(runs)
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            is_going_on = self._run(item, nextitem, is_first=True)
            while is_going_on:
                is_going_on = self._run(item, nextitem, is_first=False)
            item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
            return True

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Iterator[None]:
            function = pyfuncitem.obj
            pyfuncitem.obj = recorded(function, self._body)
            try:
                yield
            finally:
                pyfuncitem.obj = function

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
            if _is_unittest(item):
                _record_method(item, self._body)
                yield
            elif isinstance(item, pytest.Function):
                yield
            else:
                # Doctests and what plugins invent: they have no function of their own.
                with self._body:
                    yield

        def _run(self, item: pytest.Item, nextitem: pytest.Item | None, is_first: bool) -> bool:
            """Runs a test once, as pytest does, with fixtures of its own; returns whether to run it again.

            Fixtures that it shares with others stay: to them the same test comes next. Of the repetitions
            only a failing one is reported.
            """
            if getattr(item, "_request", None) is False:
                item._initrequest()
            reports = [call_and_report(item, "setup", log=is_first)]
            if reports[0].passed:
                reports.append(call_and_report(item, "call", log=is_first))
            has_passed = all(report.passed for report in reports)
            is_going_on = has_passed and self._body.is_worth_repeating()
            following = item.parent if is_going_on else nextitem
            reports.append(call_and_report(item, "teardown", log=is_first, nextitem=following))
            if hasattr(item, "_request"):
                item._request = False
                item.funcargs = None
            failed = [report for report in reports if report.failed]
            for report in [] if is_first else failed:
                item.ihook.pytest_runtest_logreport(report=report)
            return is_going_on and not failed

    return Bodies()


def _is_unittest(item: pytest.Item) -> bool:
    kind = getattr(item, "cls", None)
    return isinstance(kind, type) and issubclass(kind, unittest.TestCase)


def _record_method(item: pytest.Function, body: TestBody) -> None:
    """Puts the recording around a unittest method, wherever pytest takes it from."""
    case = item.obj.__self__
    item.obj = recorded(item.obj, body)
    if inspect.iscoroutinefunction(item.obj):
        setattr(case, item.name, item.obj)
