"""Sampling in a program that runs already: begun by a script in its main thread, and gone without a trace."""

import os
import unittest

from support import COLLECTORS, SPIN, ProgramTest, eventually

# What `sys.remote_exec` does from 3.14 on, at a moment of the program's own choice.
PROGRAM = (
    SPIN
    + f"""
import gc, os, sys, threading, time
run_dir = sys.argv[1]
def attach():
    sys.path.insert(0, {COLLECTORS!r})
    from pyrolens_collect import attach
    sys.path.remove({COLLECTORS!r})
    attach.begin(run_dir, 100, os.getppid())
def threads():
    return len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 1
def state():
    return (len(gc.callbacks), threads(), list(sys.path), dict(os.environ))
def stop():
    before = time.monotonic()
    open(os.path.join(run_dir, "stop"), "w").close()
    while state() != clean and time.monotonic() - before < 30:
        time.sleep(.01)
    print(state() == clean)
def early():
    spin(.3)
early()
"""
)


class AttachTest(ProgramTest):
    def attach(self, rest):
        """Runs a program that is attached to, and does `rest`; returns what it printed."""
        self.write("p.py", PROGRAM + rest)
        code, out, err = self.run_python("p.py", self.run_dir, is_sampled=False)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.log(), "")
        return out.split()

    def functions(self, recording):
        """Returns the names of all functions that were seen."""
        return {frame.function for sample in recording.samples for frame in sample.stack}

    def test_only_what_follows_is_recorded(self):
        self.attach("def late():\n    spin(.3)\nattach()\nlate()\n")
        recording = self.recording()
        self.assertEqual(recording.end["reason"], "exit")
        self.assertIn("late", self.functions(recording))
        self.assertNotIn("early", self.functions(recording))

    def test_the_past_of_threads_does_not_count(self):
        self.attach(
            "def work():\n    while time.thread_time() < .3:\n        pass\n"
            "    worked.set()\n    time.sleep(.3)\n"
            "worked = threading.Event()\nworker = threading.Thread(target=work)\n"
            "worker.start()\nworked.wait()\nattach()\nworker.join()\n"
        )
        used = sum(sample.cpu_ns or 0 for sample in self.recording().samples)
        self.assertLess(used, 200_000_000)

    def test_nothing_stays_after_a_stop(self):
        said = self.attach("clean = state()\nattach()\nprint(state() == clean)\nspin(.3)\nstop()\n")
        self.assertEqual(said, ["False", "True"])
        self.assertEqual(self.recording().end["reason"], "stopped")

    def test_it_can_be_attached_to_again(self):
        said = self.attach(
            "clean = state()\nattach()\nspin(.2)\nstop()\nos.remove(os.path.join(run_dir, 'stop'))\n"
            "attach()\nspin(.2)\nstop()\n"
        )
        self.assertEqual(said, ["True", "True"])
        self.assertEqual([recording.end["reason"] for recording in self.recordings()], ["stopped"] * 2)

    def test_two_at_a_time_are_refused(self):
        self.attach("attach()\nspin(.2)\nattach()\n")
        self.recording()
        with open(os.path.join(self.run_dir, "attach.refused"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "The program is being recorded already.")

    def test_a_stop_before_the_beginning_is_obeyed(self):
        said = self.attach(
            "clean = state()\nopen(os.path.join(run_dir, 'stop'), 'w')\nattach()\nprint(state() == clean)\n"
        )
        self.assertEqual((said, self.recordings()), (["True"], []))

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_children_are_recorded_while_it_lasts_and_left_alone_afterwards(self):
        fork = "pid = os.fork()\nspin(.2)\nif not pid:\n    sys.exit(0)\nos.waitpid(pid, 0)\n"
        self.attach("clean = state()\nattach()\n" + fork + "stop()\n" + fork)
        self.assertEqual(len(self.recordings()), 2)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_it_ends_with_the_launcher(self):
        self.write(
            "launcher.py",
            "import subprocess, sys\n"
            "quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}\n"
            "subprocess.Popen([sys.executable, 'p.py', sys.argv[1]], **quiet)\n"
            "import time\ntime.sleep(.8)\n",
        )
        self.write("p.py", PROGRAM + "attach()\nspin(20)\n")
        self.run_python("launcher.py", self.run_dir, is_sampled=False)
        eventually(lambda: self.recordings() and self.recordings()[0].end, "the end of the stream")
        self.assertEqual(self.recording().end["reason"], "stopped")


if __name__ == "__main__":
    unittest.main()
