"""What the collector tests share: programs run with the hook, and polling."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

import chunk_reader

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLLECTORS = os.path.join(CHECKOUT, "src", "collectors")
INJECT = os.path.join(COLLECTORS, "inject")
COUNT_CALLS = os.path.join(COLLECTORS, "count_calls.py")
LIMIT_S = 60

sys.path.insert(0, COLLECTORS)

SPIN = """
import time
def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
"""


def eventually(condition, what="the condition"):
    """Polls until `condition()` is true and returns its value; fails after a minute."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come true in {LIMIT_S} s")


class ProgramTest(unittest.TestCase):
    """Has a folder for programs and a run folder."""

    def setUp(self):
        """Makes both folders; they go when the test ends."""
        holder = tempfile.TemporaryDirectory(prefix="pyrolens test ü ")
        self.addCleanup(holder.cleanup)
        self.folder = os.path.realpath(holder.name)
        self.run_dir = os.path.join(self.folder, "run")
        os.mkdir(self.run_dir)

    def write(self, name, text):
        """Writes a program and returns its path."""
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        return path

    def environment(self, is_sampled=True, **more):
        """Returns the environment of a program, with or without the hook."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYROLENS")}
        environment.pop("PYTHONPATH", None)
        if is_sampled:
            environment["PYROLENS_RUN_DIR"] = self.run_dir
            environment["PYROLENS_INJECT_DIR"] = INJECT
            environment["PYTHONPATH"] = INJECT
        environment.update(more)
        return environment

    def start(self, *arguments, is_sampled=True, env=None, **options):
        """Starts Python with these arguments; the process is killed at the test's end."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=env or self.environment(is_sampled),
            cwd=options.pop("cwd", self.folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
        self.addCleanup(self._end, process)
        return process

    def run_python(self, *arguments, stdin=b"", **options):
        """Runs Python to its end; returns exit code, stdout and stderr."""
        process = self.start(*arguments, **options)
        out, err = process.communicate(stdin, timeout=LIMIT_S)
        return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def recordings(self):
        """Returns the recordings in the run folder, the first started first."""
        return chunk_reader.read_run(self.run_dir)

    def recording(self):
        """Returns the only recording, which must be whole."""
        (recording,) = self.recordings()
        self.assertEqual(recording.problems, [])
        return recording

    def log(self):
        """Returns the collectors' log, empty when there is none."""
        path = os.path.join(self.run_dir, "collector.log")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8") as file:
            return file.read()

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()
