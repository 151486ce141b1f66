"""Children of all kinds, and ends of all kinds."""

import os
import signal
import sys
import unittest

from support import SPIN, ProgramTest, eventually

POOL = (
    SPIN
    + """
import multiprocessing, sys
def work(seconds):
    spin(seconds)
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    child = context.Process(target=work, args=(.6,))
    child.start()
    child.join()
    sys.exit(child.exitcode)
"""
)


@unittest.skipUnless(hasattr(os, "fork"), "needs fork")
class ChildrenTest(ProgramTest):
    def works(self):
        """Returns the recordings in which `work` was seen."""
        return [
            recording
            for recording in self.recordings()
            if any(frame.function == "work" for sample in recording.samples for frame in sample.stack)
        ]

    def test_multiprocessing(self):
        self.write("m.py", POOL)
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                before = len(self.works())
                self.assertEqual(self.run_python("m.py", method)[0::2], (0, ""))
                self.assertEqual(self.log(), "")
                recordings = self.works()
                self.assertEqual(len(recordings), before + 1)
                self.assertEqual(recordings[-1].end["reason"], "exit", "it leaves without atexit")

    def test_a_forked_worker_has_nothing_of_its_parent(self):
        self.write(
            "w.py",
            SPIN
            + """
import asyncio, multiprocessing
from concurrent.futures import ProcessPoolExecutor
def work():
    spin(.4)
async def waits():
    await asyncio.sleep(5)
async def main():
    waiting = asyncio.ensure_future(waits())
    await asyncio.sleep(.1)
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, work)
    waiting.cancel()
if __name__ == "__main__":
    asyncio.run(main())
""",
        )
        self.run_python("w.py")
        self.assertEqual(self.log(), "")
        (worker,) = self.works()
        # The loop of the parent, and its tasks, are in the child's memory too.
        self.assertEqual({lane.kind for lane in worker.lanes.values()}, {"thread"})
        stacks = [[frame.function for frame in sample.stack] for sample in worker.samples]
        working = next(stack for stack in stacks if "work" in stack)
        self.assertNotIn("main", working)
        self.assertTrue(any("_bootstrap" in name for name in working))

    def test_helpers_are_left_out(self):
        self.write("m.py", POOL)
        self.run_python("m.py", "forkserver")
        self.assertEqual(len(self.recordings()), 2)

    def test_subprocess_and_exec(self):
        self.write(
            "a.py",
            SPIN + "import os, subprocess, sys\n"
            "subprocess.run([sys.executable, '-c', 'import time; time.sleep(.2)'])\n"
            "os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(.2)'])",
        )
        self.assertEqual(self.run_python("a.py")[0], 0)
        recordings = self.recordings()
        self.assertEqual(len(recordings), 3)
        self.assertEqual(len({recording.pid for recording in recordings}), 2)
        self.assertEqual(recordings[1].meta["parentPid"], recordings[0].pid)

    def test_a_forked_child_starts_its_own_file(self):
        self.write(
            "f.py",
            SPIN + "import os, sys\nspin(.15)\npid = os.fork()\nspin(.2)\n"
            "if pid:\n    os.wait()\n    spin(.15)\nsys.exit(0)",
        )
        self.assertEqual(self.run_python("f.py"), (0, "", ""))
        parent, child = self.recordings()
        self.assertEqual(child.meta["parentPid"], parent.pid)
        for recording in (parent, child):
            self.assertEqual((recording.end["reason"], recording.problems), ("exit", []))
        self.assertGreater(parent.duration_ns, 450_000_000)
        self.assertLess(child.duration_ns, parent.duration_ns)

    def test_preexec_leaves_no_file(self):
        self.write("p.py", "import subprocess, sys\nsubprocess.run(['true'], preexec_fn=lambda: None)")
        self.assertEqual(self.run_python("-W", "error", "p.py"), (0, "", ""))
        self.assertEqual(len(self.recordings()), 1)


class EndTest(ProgramTest):
    endless = SPIN + "print('up', flush=True)\nwhile True:\n    spin(.01)\n    time.sleep(.01)"

    def started(self, text, **options):
        self.write("e.py", text)
        process = self.start("e.py", **options)
        self.assertEqual(process.stdout.readline().strip(), b"up")
        return process

    def test_stop_file(self):
        process = self.started(
            SPIN + "import gc, sys\nprint('up', flush=True)\nsys.stdin.readline()\n"
            "while len(sys._current_frames()) > 1: spin(.01)\nprint(len(gc.callbacks), flush=True)"
        )
        eventually(self.recordings)
        with open(os.path.join(self.run_dir, "stop"), "w"):
            pass
        eventually(lambda: self.recordings()[0].end, "the end chunk")
        self.assertEqual(self.recording().end["reason"], "stopped")
        process.stdin.write(b"go on\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline().strip(), b"0")
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.recording().end["reason"], "stopped")
        self.assertEqual(self.run_python("-c", "pass")[0], 0)
        self.assertEqual(len(self.recordings()), 1, "after the stop no further process is recorded")

    def test_a_killed_program_keeps_all_but_the_last_second(self):
        process = self.started(self.endless)
        eventually(lambda: self.recordings() and self.recordings()[0].duration_ns > 1_200_000_000)
        process.kill()
        process.wait()
        recording = self.recording()
        self.assertIsNone(recording.end)
        self.assertGreater(recording.duration_ns, 1_200_000_000)

    @unittest.skipUnless(hasattr(signal, "SIGKILL"), "needs signals")
    def test_a_full_disk(self):
        import resource

        limit = (3000, 3000)
        process = self.started(
            self.endless, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        )
        eventually(lambda: "recording ends" in self.log(), "the log's line")
        self.assertIsNone(process.poll(), "the program goes on")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.communicate()[1], b"")

    def test_a_deleted_run_folder(self):
        process = self.started(self.endless)
        (recording,) = eventually(self.recordings)
        os.unlink(recording.path)
        eventually(lambda: "recording ends" in self.log(), "the log's line")
        self.assertIsNone(process.poll(), "the program goes on")

    def test_closed_descriptors_are_not_written_to(self):
        self.write(
            "d.py", "import os, time\nos.closerange(3, 100)\nfile = open('mine', 'wb')\ntime.sleep(.6)"
        )
        self.assertEqual(self.run_python("d.py"), (0, "", ""))
        self.assertEqual(os.path.getsize(os.path.join(self.folder, "mine")), 0)
        self.assertEqual(self.recording().end["reason"], "exit")

    def test_without_a_gil_it_refuses(self):
        fake = "import sys\nsys._is_gil_enabled = lambda: False"
        self.write("site/sitecustomize.py", fake)
        path = os.pathsep.join((self.environment()["PYTHONPATH"], os.path.join(self.folder, "site")))
        self.run_python("-c", "import time; time.sleep(.2)", env=self.environment(PYTHONPATH=path))
        recording = self.recording()
        self.assertEqual((recording.end["reason"], recording.ticks), ("refused", []))
        self.assertIn("GIL", recording.end["message"])

    @unittest.skipIf(sys.version_info < (3, 12), "needs sub-interpreters that this test can make")
    def test_subinterpreters_are_left_alone(self):
        name = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
        text = f"import {name} as i\nn = i.create()\ni.run_string(n, 'import sys')\ni.destroy(n)\nprint('ok')"
        self.assertEqual(self.run_python("-c", text), (0, "ok" + os.linesep, ""))
        self.assertEqual((len(self.recordings()), self.log()), (1, ""))


if __name__ == "__main__":
    unittest.main()
