"""The recorder of memory: what is held, where it was allocated, and an unchanged program."""

import glob
import json
import os
import signal
import unittest

from support import COLLECTORS, ProgramTest, eventually

RECORD_MEMORY = os.path.join(COLLECTORS, "record_memory.py")
KEEP = "def keep(size):\n    return bytearray(size)\nkept = [keep(300_000)]\nkept.append(keep(100_000))\n"


class MemoryTableTest(ProgramTest):
    def words(self, *arguments, tool="tracemalloc"):
        return (RECORD_MEMORY, tool, *arguments)

    def record(self, *arguments, **options):
        environment = self.environment(False, PYROLENS_RUN_DIR=self.run_dir)
        return self.run_python(*self.words(*arguments, **options), env=environment)

    def stacks(self):
        """Returns bytes by stack, each frame as its function and line."""
        (path,) = glob.glob(os.path.join(glob.escape(self.run_dir), "profile-tracemalloc_*.jsonl"))
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(lines[0][0], "pyrolens memory")
        frames = [line for line in lines if line[0] == "f"]
        self.assertEqual([frame for frame in frames if frame[2].startswith(COLLECTORS)], [])
        names = [f"{frame[1]}:{frame[3]}" for frame in frames]
        return {tuple(names[i] for i in line[4:]): line[1] for line in lines if line[0] == "s"}

    def check(self, stacks):
        for line, size in (("<module>:3", 300_000), ("<module>:4", 100_000)):
            held = stacks[(line, "keep:2")]
            self.assertTrue(size <= held <= size + 500, held)

    def test_scripts_modules_and_code(self):
        self.write("m.py", KEEP + "import sys\nprint(sys.argv)\nsys.exit(7)")
        for words in (("m.py", "x"), ("-m", "m", "x")):
            plain = self.run_python(*words, is_sampled=False)
            self.assertEqual(self.record(*words), plain)
            self.check(self.stacks())
            for name in os.listdir(self.run_dir):
                os.unlink(os.path.join(self.run_dir, name))
        self.assertEqual(self.record("-c", KEEP + "raise SystemExit(3)")[0], 3)
        self.assertIn(("<unknown>:3", "<unknown>:2"), self.stacks())

    def test_nested_functions_have_their_own_lines(self):
        self.write(
            "n.py",
            """
            class Store:
                def fill(self):
                    def inner():
                        return [bytearray(9000) for _ in range(10)]
                    self.held = inner()
            store = Store()
            store.fill()
            """,
        )
        self.assertEqual(self.record("n.py"), (0, "", ""))
        large = [stack for stack, size in self.stacks().items() if size > 80_000]
        names = {frame.split(".")[-1] for stack in large for frame in stack}
        self.assertEqual(names & {"inner:5", "fill:6", "<module>:8"}, {"inner:5", "fill:6", "<module>:8"})

    def test_a_program_that_stops_tracing_itself(self):
        self.write("s.py", "import tracemalloc\ntracemalloc.stop()\nprint('ran')")
        self.assertEqual(self.record("s.py"), (0, "ran\n", ""))
        self.assertIn("tracemalloc recorded nothing: the program has stopped it.", self.log())

    def test_a_tool_that_is_not_there(self):
        self.write("r.py", "print('ran')\nraise SystemExit(4)")
        self.write("memray.py", "raise ImportError('no such thing')")
        self.assertEqual(self.record("r.py", tool="memray"), (4, "ran\n", ""))
        self.assertIn("memray recorded nothing: ImportError: no such thing.", self.log())

    @unittest.skipUnless(hasattr(signal, "SIGUSR2"), "needs SIGUSR2")
    def test_stop_lets_the_program_go_on(self):
        self.write(
            "s.py",
            KEEP + "import os, time\nprint('up', flush=True)\n"
            "while not os.path.exists('go'): time.sleep(.01)",
        )
        environment = self.environment(False, PYROLENS_RUN_DIR=self.run_dir)
        process = self.start(*self.words("s.py"), env=environment)
        process.stdout.readline()
        process.send_signal(signal.SIGUSR2)
        eventually(lambda: glob.glob(os.path.join(glob.escape(self.run_dir), "profile-*")))
        self.write("go", "")
        process.communicate()
        self.assertEqual(process.returncode, 0)
        self.check(self.stacks())


if __name__ == "__main__":
    unittest.main()
