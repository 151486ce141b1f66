"""A tracer that keeps the last seconds: what it keeps, when it writes it, for whom, in how much memory."""

import os
import sys
import unittest

import chunk_reader
from support import eventually
from traced import Trace, TraceTest

from pyrolens_collect.last_segments import LastSegments, Segment

HAS_MONITORING = hasattr(sys, "monitoring")
STEADY = """
import threading, time
def early():
    pass
def steady():
    time.sleep(.005)
def waiter(lock):
    lock.acquire()
def main():
    while True:
        steady()
early()
lock = threading.Lock()
lock.acquire()
threading.Thread(target=waiter, args=(lock,), name='waiter', daemon=True).start()
print('on', flush=True)
main()
"""


class LastTest(TraceTest):
    def environment(self, is_sampled=True, mode="full", last_s="1", **more):
        """Returns the environment of a program whose last second is kept."""
        return super().environment(is_sampled, mode, PYROLENS_LAST_S=last_s, **more)

    def running(self, text, **environment):
        """Starts a program that prints a line when it is on, and waits for that."""
        self.write("p.py", text)
        process = self.start("p.py", env=self.environment(**environment))
        process.stdout.readline()
        eventually(self.signs, "the sign")
        return process

    def signs(self):
        """Returns the names of the signs of those who can be asked."""
        return [name for name in os.listdir(self.run_dir) if name.startswith("keeping-")]

    def ask(self, count=1):
        """Asks for the last seconds and returns the recordings, when so many processes have answered."""
        number = 1
        while os.path.exists(os.path.join(self.run_dir, f"keep-{number}")):
            number += 1
        folder = os.path.join(self.folder, f"kept {number}")
        os.mkdir(folder)
        with open(os.path.join(self.run_dir, f"keep-{number}"), "w", encoding="utf-8") as file:
            file.write(folder + "\n")
        eventually(lambda: len(chunk_reader.read_run(folder)) == count, "the answer")
        return chunk_reader.read_run(folder)


class AskedTest(LastTest):
    def test_keeps_the_last_seconds_again_and_again_while_the_program_goes_on(self):
        process = self.running(STEADY)
        kept = eventually(lambda: self.without("early"), "that early is gone")
        self.assertEqual(kept.problems, [])
        self.assertEqual(
            (kept.end["reason"], kept.meta["cutBy"], kept.meta["lastNs"]), ("kept", "time", 10**9)
        )
        self.assertGreater(Trace(kept).count("steady"), 0)
        (again,) = self.ask()
        self.assertGreater(again.meta["keptNs"], kept.meta["keptNs"])
        self.assertIsNone(process.poll())
        self.assertEqual(self.log(), "")

    def test_calls_that_had_begun_before_are_told_root_first_with_the_compiled_ones(self):
        self.running(STEADY)
        kept = eventually(lambda: self.without("early"), "that early is gone")
        begun = {kept.lanes[lane].name: names for _, lane, _, names in begun_of(kept)}
        self.assertEqual(begun["MainThread"][:2], ["<module>", "main"])
        self.assertEqual(begun["waiter"][-2:], ["waiter", "lock.acquire"])
        self.assertEqual({call.parent.name for call in Trace(kept).named("steady") if call.parent}, {"main"})

    def test_writes_nothing_but_a_sign_before_it_is_asked(self):
        self.running(STEADY)
        self.assertEqual(os.listdir(self.run_dir), self.signs())
        (sign,) = self.signs()
        self.assertEqual(os.path.getsize(os.path.join(self.run_dir, sign)), 0)

    def test_a_request_that_is_older_than_the_process_is_not_for_it(self):
        with open(os.path.join(self.run_dir, "keep-1"), "w", encoding="utf-8") as file:
            file.write(self.folder + "\n")
        self.running(STEADY)
        self.ask()
        self.assertEqual(chunk_reader.read_run(self.folder), [])

    def test_a_folder_that_is_gone_is_logged_and_ends_nothing(self):
        process = self.running(STEADY)
        with open(os.path.join(self.run_dir, "keep-1"), "w", encoding="utf-8") as file:
            file.write(os.path.join(self.folder, "nowhere") + "\n")
        eventually(self.log, "the log")
        self.assertIn("not kept", self.log())
        self.ask()
        self.assertIsNone(process.poll())

    @unittest.skipUnless(HAS_MONITORING, "needs sys.monitoring")
    def test_functions_that_were_folded_before_are_told(self):
        self.running(
            "import time\ndef tiny(x):\n    return x\n"
            "def early():\n    for n in range(20000):\n        tiny(n)\n"
            "for _ in range(20):\n    early()\nprint('on', flush=True)\n"
            "while True:\n    tiny(1)\n    time.sleep(.01)\n",
            mode="adaptive",
        )
        kept = eventually(lambda: self.without("early"), "that early is gone")
        self.assertIn("tiny", Trace(kept).folded)

    def without(self, name):
        """Asks, and returns the recording when no call of this name is left in it."""
        (kept,) = self.ask()
        return kept if Trace(kept).count(name) == 0 else None


class EndsTest(LastTest):
    def test_the_end_of_the_program_keeps_the_last_seconds_and_takes_the_sign_away(self):
        trace = self.trace("def f():\n    pass\nf()\n")
        self.assertEqual(trace.count("f"), 1)
        recording = self.recording()
        self.assertEqual((recording.end["reason"], recording.meta["cutBy"]), ("exit", ""))
        self.assertEqual(self.signs(), [])

    def test_the_stop_file_keeps_them_too(self):
        process = self.running(STEADY)
        with open(os.path.join(self.run_dir, "stop"), "w"):
            pass
        (recording,) = eventually(self.recordings, "the end")
        self.assertEqual(recording.end["reason"], "stopped")
        self.assertIsNone(process.poll())


@unittest.skipUnless(hasattr(os, "fork"), "needs fork")
class ChildrenTest(LastTest):
    def test_every_process_answers(self):
        self.running(
            "import os, time\ndef parent():\n    time.sleep(.005)\ndef child():\n    time.sleep(.005)\n"
            "def main(work):\n    while work is parent or os.getppid() == first:\n        work()\n"
            "first = os.getpid()\npid = os.fork()\nif pid:\n    print('on', flush=True)\n"
            "main(parent if pid else child)\n"
        )
        eventually(lambda: len(self.signs()) == 2, "two signs")
        traces = [Trace(kept) for kept in self.ask(2)]
        for name in ("parent", "child"):
            self.assertEqual(sorted(trace.count(name) > 0 for trace in traces), [False, True], name)

    def test_what_children_left_goes_when_it_is_older_than_the_last_seconds(self):
        self.write(
            "p.py",
            "import os, sys, time\ndef fork(): \n    pid = os.fork()\n    if pid == 0: sys.exit()\n"
            "    os.waitpid(pid, 0)\n    return pid\n"
            "old = fork()\nfor name in os.listdir(os.environ['PYROLENS_RUN_DIR']):\n"
            "    if name.startswith(f'samples-{old}'):\n"
            "        os.utime(os.path.join(os.environ['PYROLENS_RUN_DIR'], name), (1, 1))\n"
            "young = fork()\nprint(young)\n",
        )
        code, out, err = self.run_python("p.py", env=self.environment(last_s="60"))
        self.assertEqual((code, err, self.log()), (0, "", ""))
        pids = {recording.pid for recording in self.recordings()}
        self.assertEqual(len(pids), 2)
        self.assertIn(int(out), pids)


class MemoryTest(LastTest):
    def test_the_oldest_segments_go_when_all_take_more_than_the_limit(self):
        ring = LastSegments(10**12, 10_000)
        for number in range(100):
            ring.add(Segment(number, {0: (2, 3)}, bytes(1000)), number)
            self.assertLessEqual(ring.size, 10_000)
            self.assertEqual(ring.size, sum(segment.size for segment in ring))
        self.assertEqual(ring.cut_by, "memory")
        self.assertEqual([segment.began_ns for segment in ring][-1], 99)

    def test_the_oldest_segments_go_when_the_next_one_is_as_old_as_the_span(self):
        ring = LastSegments(100, 10**9)
        for began_ns in range(0, 500, 50):
            ring.add(Segment(began_ns, {}, b""), began_ns + 50)
        self.assertEqual((ring.began_ns, ring.cut_by), (400, "time"))

    def test_a_dense_program_keeps_no_more_than_its_megabyte(self):
        self.running(
            "def f(x):\n    return x\ndef main():\n    while True:\n        f(1)\n"
            "print('on', flush=True)\nmain()\n",
            last_s="600",
            PYROLENS_LAST_MB="1",
        )
        kept = eventually(self.cut_by_memory, "a full memory")
        self.assertLess(os.path.getsize(kept.path), (1 << 20) + self.largest_chunk(kept.path))
        self.assertGreater(Trace(kept).count("f"), 0)

    def cut_by_memory(self):
        """Asks, and returns the recording when it was cut by its limit."""
        (kept,) = self.ask()
        return kept if kept.meta["cutBy"] == "memory" else None

    @staticmethod
    def largest_chunk(path):
        """Returns the size of a file's largest chunk, and some room for names."""
        with open(path, "rb") as file:
            content = file.read()
        offset, largest = 16, 0
        while offset < len(content):
            size = int.from_bytes(content[offset : offset + 4], "little") + 12
            offset, largest = offset + size, max(largest, size)
        return largest + (1 << 16)


def begun_of(recording):
    """Returns what had begun before."""
    return [record for record in recording.trace if record[0] == "begun"]


if __name__ == "__main__":
    unittest.main()
