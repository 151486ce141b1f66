"""A notebook cell is recorded where it runs, and its text is kept under the name that it has there."""

import json
import os
import unittest

import chunk_reader
from support import COLLECTORS, ProgramTest

# Runs cells as IPython does in a kernel: named as files that do not exist, with their text in `linecache`.
IPYTHON = """
    import linecache, os, tempfile, zlib

    class Compiler:
        def get_code_name(self, raw_code, transformed_code, number):
            name = f"{zlib.crc32(raw_code.encode())}.py"
            return os.path.join(tempfile.gettempdir(), f"ipykernel_{os.getpid()}", name)

    class Shell:
        compile = Compiler()
        execution_count = 1
        names = {}

        def run_cell(self, text):
            name = self.compile.get_code_name(text, text, 1)
            linecache.cache[name] = (len(text), None, text.splitlines(True), name)
            exec(compile(text, name, "exec"), self.names)

    shell = Shell()

    def get_ipython():
        return shell
"""

# Each of our calls runs as a cell too, as «Profile Cell» has them run.
KERNEL = """
    import json, linecache, os, sys
    run_dir, collectors, cells = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])

    def ours(call):
        lines = [
            "import sys",
            f"sys.path.insert(0, {collectors!r})",
            "try:",
            "    from pyrolens_collect import cells",
            "finally:",
            f"    sys.path.remove({collectors!r})",
            f"cells.{call}",
        ]
        return f"exec({chr(10).join(lines)!r}, {{}})"

    def begin(folder=run_dir):
        return ours(f"begin({folder!r}, 100, {os.getppid()})")

    def end(folder=run_dir):
        return ours(f"end({folder!r}, {cells!r})")

    def profile(run):
        run(begin())
        run(cells[-1])
        run(end())
"""
DEFINES = """\
import time
def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
"""
SPINS = "spin(.3)\n"
IN_IPYTHON = "import IPython\nrun = IPython.shell.run_cell\n"


class CellsTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("IPython.py", IPYTHON)

    def run_kernel(self, program, *cells):
        """Runs a program that has the notebook's cells and the functions of `KERNEL`."""
        self.write("kernel.py", KERNEL)
        self.write("main.py", "from kernel import *\n" + program)
        arguments = [self.run_dir, COLLECTORS, json.dumps(cells)]
        code, out, err = self.run_python("main.py", *arguments, is_sampled=False)
        self.assertEqual((code, out, err), (0, "", ""))
        self.assertEqual(self.log(), "")

    def found(self):
        """Returns what is told of the cells."""
        with open(os.path.join(self.run_dir, "cells.json"), encoding="utf-8") as file:
            return json.load(file)

    def profile_in_ipython(self, before, *cells):
        """Profiles the last of the notebook's cells after some code; returns what is told of the cells."""
        self.run_kernel(f"{IN_IPYTHON}{before}\nprofile(run)\n", *cells)
        return self.found()

    def test_a_cell_is_recorded_under_the_name_of_its_text(self):
        found = self.profile_in_ipython("run(cells[0])", DEFINES, SPINS)
        defines, spins = found["paths"]
        self.assertEqual(found["texts"], {defines: DEFINES, spins: SPINS})
        recording = self.recording()
        self.assertEqual(recording.end["reason"], "stopped")
        seen = {(frame.file, frame.line) for sample in recording.samples for frame in sample.stack}
        self.assertIn((spins, 1), seen)
        self.assertIn((defines, 4), seen)

    def test_our_own_calls_are_no_cells(self):
        found = self.profile_in_ipython("", "x = 1\n")
        self.assertEqual(list(found["texts"].values()), ["x = 1\n"])

    def test_the_text_of_a_cell_that_was_edited_since_is_kept(self):
        found = self.profile_in_ipython("run('y = 2\\n')", "x = 1\n")
        self.assertEqual(sorted(found["texts"].values()), ["x = 1\n", "y = 2\n"])
        self.assertEqual(len(found["paths"]), 1)

    def test_modules_are_no_cells(self):
        unread = "linecache.cache[IPython.shell.compile.get_code_name('u', 'u', 1)] = (lambda: 'z = 3',)\n"
        found = self.profile_in_ipython("linecache.getlines(json.__file__)\n" + unread, "x = 1\n")
        self.assertEqual(list(found["texts"].values()), ["x = 1\n"])

    def test_a_kernel_that_is_not_ipythons_is_recorded_without_the_texts(self):
        program = "def run(text):\n    exec(text, globals())\nrun(cells[0])\nprofile(run)\n"
        self.run_kernel(program, DEFINES, SPINS)
        self.assertEqual(self.found(), {"paths": [None, None], "texts": {}})
        names = {frame.function for sample in self.recording().samples for frame in sample.stack}
        self.assertIn("spin", names)

    def test_cells_are_profiled_again_and_again(self):
        self.profile_in_ipython("run(cells[0])\nprofile(run)", DEFINES, SPINS)
        self.assertEqual([recording.end["reason"] for recording in self.recordings()], ["stopped"] * 2)

    def test_another_recording_of_the_kernel_goes_on_and_the_cell_is_refused(self):
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        program = f"run(cells[0])\nrun(begin({other!r}))\nprofile(run)\nrun('spin(.2)')\nrun(end({other!r}))"
        self.run_kernel(IN_IPYTHON + program, DEFINES, "x = 1\n")
        with open(os.path.join(self.run_dir, "attach.refused"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "The program is being recorded already.")
        self.assertEqual(self.recordings(), [])
        (recording,) = chunk_reader.read_run(other)
        self.assertEqual(recording.end["reason"], "stopped")
        self.assertGreater(recording.duration_ns, 150_000_000)


if __name__ == "__main__":
    unittest.main()
