"""What the kernel says of waiting threads, beside programs that know what they wait for."""

import os
import sys
import unittest
from contextlib import contextmanager
from unittest import mock

from support import CHECKOUT, ProgramTest, eventually

from pyrolens_collect import kernel_waits
from pyrolens_collect.errors import ErrorLog
from pyrolens_collect.kernel_waits import KernelWaits
from pyrolens_collect.records import Records
from pyrolens_collect.threads import ThreadLane
from pyrolens_collect.transitions import Look
from pyrolens_collect.wait_codes import architecture

# The other side acts when the sampler has certainly asked: a second is a hundred of its ticks.
CONNECTED = """
import os, socket, sys, threading, time
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
def connect():
    mine = socket.create_connection(("127.0.0.1", port))
    return mine, server.accept()[0]
def later(act):
    def run():
        time.sleep(1)
        act()
    threading.Thread(target=run, name="later").start()
"""
SIZE = 16 << 20
KNOWN_WAITS = os.path.join(CHECKOUT, "test", "fixtures", "programs", "known_waits.py")
TICK_NS = 10_000_000


def drained(peer):
    """A program text that reads all that is sent to `peer`."""
    return f"while {peer}.recv(1 << 20): pass"


@unittest.skipIf(architecture() is None, "the kernel tells on Linux only")
class KernelWaitsTest(ProgramTest):
    def record(self, program, **more):
        """Runs a program that must not notice; returns the waits of its main thread, and what it printed."""
        self.write("w.py", CONNECTED + program)
        code, out, err = self.run_python("w.py", env=self.environment(**more))
        self.assertEqual((code, err, self.log()), (0, "", ""))
        return [wait for wait in self.recording().kernel_waits if wait["lane"] == "MainThread"], out

    def at_line(self, waits, text):
        """Returns the waits at the line with this text."""
        with open(os.path.join(self.folder, "w.py"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        own = [wait for wait in waits if wait["frame"].file.endswith("w.py")]
        found = [wait for wait in own if text in lines[wait["frame"].line - 1]]
        self.assertGreater(len(found), 0, waits)
        return found

    def test_sendall_waits_with_a_full_queue_for_a_peer_that_does_not_read(self):
        waits, out = self.record(
            f"""
mine, peer = connect()
def read():
    {drained("peer")}
later(read)
mine.sendall(bytes({SIZE}))
mine.close()
print(port)
"""
        )
        for wait in self.at_line(waits, "sendall"):
            self.assertEqual((wait["reason"], wait["direction"]), ("io.net", "write"))
            self.assertEqual(wait["resource"]["kind"], "tcp")
            self.assertEqual(wait["resource"]["name"], f"127.0.0.1:{out.strip()}")
            self.assertEqual(wait["asked"], SIZE)
        queued = [wait["queued"] for wait in self.at_line(waits, "sendall")]
        self.assertGreater(max(queued), 0)
        self.assertLess(max(queued), SIZE)
        unsent = [wait["unsent"] for wait in self.at_line(waits, "sendall")]
        self.assertTrue(all(u is not None and u <= q for u, q in zip(unsent, queued)), (unsent, queued))

    def test_a_socket_with_a_timeout_waits_in_poll_for_the_same(self):
        waits, out = self.record(
            f"""
mine, peer = connect()
mine.settimeout(50)
def read():
    {drained("peer")}
later(read)
mine.sendall(bytes({SIZE}))
later(lambda: peer.sendall(b"x"))
mine.recv(1)
mine.close()
print(port)
"""
        )
        sent, received = self.at_line(waits, "sendall"), self.at_line(waits, "mine.recv")
        for wait, direction in ((sent[0], "write"), (received[0], "read")):
            self.assertEqual((wait["reason"], wait["direction"]), ("io.net", direction))
            self.assertEqual(wait["resource"]["name"], f"127.0.0.1:{out.strip()}")
        self.assertGreater(sent[0]["queued"], 0)
        self.assertEqual((received[0]["queued"], received[0]["readable"]), (0, 0))

    def test_a_full_pipe(self):
        waits, _ = self.record(
            """
reads, writes = os.pipe()
later(lambda: os.read(reads, 1 << 20))
os.write(writes, bytes(65537))
"""
        )
        wait = self.at_line(waits, "os.write")[0]
        self.assertEqual((wait["reason"], wait["direction"]), ("ipc.pipe.write", "write"))
        self.assertEqual(wait["resource"], {"kind": "pipe", "name": "", "capacity": 65536})
        self.assertEqual((wait["asked"], wait["queued"]), (65537, 65536))

    def test_a_named_pipe_is_no_file(self):
        waits, _ = self.record(
            """
os.mkfifo("fifo")
both = os.open("fifo", os.O_RDWR)
later(lambda: os.write(both, b"x"))
os.read(both, 1)
"""
        )
        wait = self.at_line(waits, "os.read")[0]
        self.assertEqual((wait["reason"], wait["resource"]["kind"]), ("ipc.pipe.read", "pipe"))
        self.assertEqual(wait["resource"]["name"], os.path.join(self.folder, "fifo"))

    def test_each_of_many_threads_waits_for_what_it_is_named_for(self):
        process = self.start(KNOWN_WAITS)
        self.assertEqual(process.stdout.readline(), b"ready\n")

        def told():
            reasons = {}
            for recording in self.recordings():
                for wait in recording.kernel_waits:
                    reasons.setdefault(wait["lane"], set()).add(wait["reason"])
            named = {name: found for name, found in reasons.items() if "." in name}
            return named if len(named) == 17 else None

        for name, reasons in eventually(told, "a reason for each of 17 threads").items():
            self.assertEqual(reasons, {name.split()[0]}, name)
        process.communicate(timeout=60)
        self.assertEqual((process.returncode, self.log()), (0, ""))

    def test_who_waits_for_the_gil_waits_for_no_lock(self):
        waits, _ = self.record(
            """
def spin():
    end = time.monotonic() + 1
    while time.monotonic() < end:
        pass
threads = [threading.Thread(target=spin) for _ in range(3)]
for thread in threads: thread.start()
spin()
for thread in threads: thread.join()
"""
        )
        spinning = [wait["reason"] for wait in waits if wait["frame"].function == "spin"]
        self.assertNotIn("sync.lock", spinning)

    def test_idle_threads_are_asked_ever_more_seldom(self):
        self.record(
            """
gate = threading.Lock()
gate.acquire()
def idle():
    gate.acquire()
    gate.release()
threads = [threading.Thread(target=idle, name="idle") for _ in range(40)]
for thread in threads: thread.start()
time.sleep(1.5)
gate.release()
for thread in threads: thread.join()
"""
        )
        waits = self.recording().kernel_waits
        idle = [wait["at"] for wait in waits if wait["lane"] == "idle" and wait["frame"].function == "idle"]
        self.assertGreater(len(idle), 0)
        self.assertLess(len(idle), 40 * 5)

    def test_nothing_is_opened_copied_or_imported_in_the_program(self):
        _, out = self.record(
            """
mine, peer = connect()
def opened():
    # What is open for a moment, as this folder is itself, is not what stays.
    return set.intersection(*(set(os.listdir("/proc/self/fd")) for _ in range(20) if not time.sleep(.002)))
before = opened()
later(lambda: peer.sendall(b"x"))
mine.recv(1)
print(sorted(opened() - before), "fcntl" in sys.modules)
"""
        )
        self.assertEqual(out.split(), ["[]", "False"])

    def test_it_can_be_switched_off(self):
        waits, _ = self.record("time.sleep(.3)", PYROLENS_KERNEL_WAITS="0")
        self.assertEqual(waits, [])


@unittest.skipIf(architecture() is None, "the kernel tells on Linux only")
class FailingKernelTest(ProgramTest):
    def setUp(self):
        """Makes an asker that is to be told of threads that wait."""
        super().setUp()
        self.called = []
        self.waits = KernelWaits(Records(), ErrorLog(self.run_dir), lambda: self.called.append(1))

    def ask(self, tid, times):
        """Lets a thread wait for so many ticks."""
        lane = ThreadLane(0, tid, "waiting")
        lane.stack = 1
        for tick in range(times):
            look = Look(lane, 0)
            look.finish()
            self.waits.note([look], TICK_NS, tick * TICK_NS)
            self.waits.read_due(0)

    @contextmanager
    def refused(self, error):
        """Nothing below `/proc` can be opened; yields a list that grows with each attempt."""
        asked, really = [], os.open

        def refuse(path, *rest):
            if not path.startswith("/proc/"):
                return really(path, *rest)
            asked.append(1)
            raise error

        with mock.patch.object(kernel_waits.os, "open", refuse):
            yield asked

    def test_a_thread_that_has_gone_is_no_failure(self):
        gone = 1 << 30
        self.ask(gone, 4)
        self.assertEqual(self.log(), "")

    def test_a_kernel_that_never_answers_is_left_alone(self):
        self.ask(1 << 30, 2000)
        self.assertEqual(self.log().count("\n"), 1)

    def test_a_kernel_that_forbids_it_is_asked_once(self):
        with self.refused(PermissionError(1, "no")) as asked:
            self.ask(os.getpid(), 2000)
        self.assertIn("PermissionError", self.log())
        self.assertEqual(asked, [1])

    def test_a_program_without_descriptors_left_is_asked_again_later(self):
        with self.refused(OSError(24, "too many")) as asked:
            self.ask(os.getpid(), 2000)
        self.assertGreater(len(asked), 10)
        self.assertEqual(self.log(), "")


if __name__ == "__main__":
    sys.exit(unittest.main())
