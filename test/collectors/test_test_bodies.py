"""Of tests only the bodies are recorded, and short ones often enough to be seen."""

import importlib.util
import os
import unittest

from support import COLLECTORS, INJECT, ProgramTest

RUNNER = os.path.join(COLLECTORS, "profile_tests.py")
WAIT = """
    import time
    def wait(seconds):
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
    def collecting():
        wait(0.3)
    def preparing():
        wait(0.02)
    def short_body():
        wait(0.02)
    collecting()
"""
UNITTEST = """
    import asyncio, unittest
    from helpers import preparing, short_body, wait

    class ShortTest(unittest.TestCase):
        def setUp(self):
            preparing()
        def test_short(self):
            short_body()
        def test_wrong(self):
            self.assertEqual(1, 2)

    class AsyncTest(unittest.IsolatedAsyncioTestCase):
        async def test_async(self):
            await asyncio.sleep(0.01)
            short_body()
"""
PYTEST = """
    import unittest
    import pytest
    from helpers import preparing, short_body, wait

    calls = []

    @pytest.fixture(scope="module")
    def shared():
        calls.append("shared")
        yield calls
        calls.append("unshared")

    @pytest.fixture
    def prepared(shared):
        preparing()
        yield [*shared]

    def test_short(prepared, tmp_path):
        (tmp_path / "made").mkdir()
        assert prepared == ["shared"]
        short_body()

    def test_long():
        wait(1.2)

    @pytest.mark.skip
    def test_skipped():
        pass

    def test_third_time_wrong():
        calls.append("third")
        assert calls.count("third") < 3

    class TestOld(unittest.TestCase):
        def test_old(self):
            short_body()
"""
HAS_PYTEST = importlib.util.find_spec("pytest") is not None
# A folder that has pytest, for interpreters that do not.
PYTEST_FOLDER = "" if HAS_PYTEST else os.environ.get("PYROLENS_TEST_PYTEST", "")
PYTHON_PATH = os.pathsep.join(filter(None, (INJECT, PYTEST_FOLDER)))


class TestBodiesTest(ProgramTest):
    def run_tests(self, *arguments):
        """Runs the runner; returns exit code, output and the only recording."""
        env = self.environment(PYROLENS_WAITS="1", PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=PYTHON_PATH)
        code, out, err = self.run_python(RUNNER, *arguments, env=env)
        self.assertEqual(self.log(), "")
        return code, out + err, self.recording()

    def seconds(self, recording):
        """Returns the seconds that each function was on the main thread's stack for."""
        totals = {}
        for sample in recording.samples:
            for name in {frame.function.rsplit(".")[-1] for frame in sample.stack}:
                totals[name] = totals.get(name, 0) + sample.weight_ns / 1e9
        return totals

    def assert_only_bodies(self, recording):
        """Nothing of collecting and preparing; the short body fills the recording that it is repeated for."""
        seconds = self.seconds(recording)
        self.assertNotIn("collecting", seconds)
        self.assertNotIn("preparing", seconds)
        total = recording.duration_ns / 1e9
        # Looks cannot be everywhere: the ends of twenty bodies and of their preparation lie between.
        self.assertGreater(seconds["short_body"], 0.7 * total)
        return total


class UnittestTest(TestBodiesTest):
    def setUp(self):
        super().setUp()
        self.write("helpers.py", WAIT)
        self.write("test_shop.py", UNITTEST)

    def test_a_short_test_is_repeated_without_its_preparation(self):
        code, out, recording = self.run_tests("unittest", "test_shop.ShortTest.test_short")
        self.assertEqual(code, 0, out)
        self.assertIn("Ran 1 test", out)
        total = self.assert_only_bodies(recording)
        self.assertGreater(total, 0.9)
        self.assertEqual(recording.end["testCount"], 1)
        self.assertGreater(recording.end["bodyCount"], 2)

    def test_an_async_test_is_recorded_too(self):
        code, out, recording = self.run_tests("unittest", "test_shop.AsyncTest")
        self.assertEqual(code, 0, out)
        self.assertIn("short_body", self.seconds(recording))
        self.assertGreater(recording.end["bodyCount"], 2)

    def test_a_failing_test_runs_once_and_its_exit_code_is_unittests_own(self):
        code, out, recording = self.run_tests("unittest", "test_shop.ShortTest.test_wrong")
        self.assertEqual(code, 1)
        self.assertIn("1 != 2", out)
        self.assertEqual(recording.end["bodyCount"], 1)

    def test_tests_are_found_below_a_folder(self):
        _, out, recording = self.run_tests("unittest", "-s", ".", "-p", "test_*.py")
        self.assertIn("Ran 3 tests", out)
        self.assertEqual(recording.end["testCount"], 3)


@unittest.skipUnless(HAS_PYTEST or PYTEST_FOLDER, "pytest is not installed for this interpreter")
class PytestTest(TestBodiesTest):
    def setUp(self):
        super().setUp()
        self.write("helpers.py", WAIT)
        self.write("test_shop.py", PYTEST)

    def run_pytest(self, *names):
        """Runs tests of the file by name, without the plugins that happen to be installed."""
        tests = [f"{self.folder}/test_shop.py::{name}" for name in names]
        return self.run_tests("pytest", "-p", "no:cacheprovider", *tests)

    def test_a_short_test_is_repeated_with_fixtures_of_its_own(self):
        code, out, recording = self.run_pytest("test_short")
        self.assertEqual(code, 0, out)
        self.assertIn("1 passed", out)
        self.assertGreater(self.assert_only_bodies(recording), 0.9)
        self.assertEqual(recording.end["testCount"], 1)

    def test_a_long_test_runs_once(self):
        _, out, recording = self.run_pytest("test_long")
        self.assertIn("1 passed", out)
        self.assertEqual(recording.end["bodyCount"], 1)

    def test_a_skipped_test_is_not_run(self):
        _, out, recording = self.run_pytest("test_skipped", "TestOld::test_old")
        self.assertIn("1 passed, 1 skipped", out)
        self.assertEqual(recording.end["testCount"], 1)
        self.assert_only_bodies(recording)

    def test_a_repetition_that_fails_is_reported(self):
        code, out, recording = self.run_pytest("test_third_time_wrong")
        self.assertEqual(code, 1)
        self.assertIn("assert 3 < 3", out)
        self.assertEqual(recording.end["bodyCount"], 3)

    def test_several_tests_are_one_recording(self):
        _, out, recording = self.run_pytest("test_short", "test_long")
        self.assertIn("2 passed", out)
        self.assertEqual(recording.end["testCount"], 2)
        self.assertNotIn("preparing", self.seconds(recording))


if __name__ == "__main__":
    unittest.main()
