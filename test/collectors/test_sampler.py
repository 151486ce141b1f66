"""The sampler in the test's own process, with a clock of ours: exact weights, and no frame kept alive."""

import gc
import os
import sys
import tempfile
import threading
import unittest
import weakref
from unittest import mock

import chunk_reader
import support  # noqa: F401

from pyrolens_collect import sampler as sampler_module
from pyrolens_collect import stream
from pyrolens_collect.errors import ErrorLog
from pyrolens_collect.sampler import Sampler

MS = 1_000_000


class Parked:
    """A thread that waits at a known place, with a local object."""

    def __init__(self, name="parked", depth=0):
        self.go = threading.Event()
        self.is_there = threading.Event()
        self.weak = None
        self.thread = threading.Thread(target=self.run, args=(depth,), name=name, daemon=True)
        self.thread.start()
        self.is_there.wait()

    def run(self, depth):
        if depth:
            return self.run(depth - 1)
        local = Parked.Local()
        self.weak = weakref.ref(local)
        self.is_there.set()
        self.go.wait()
        return None

    class Local:
        """Something to be kept alive by mistake."""

    def end(self):
        self.go.set()
        self.thread.join()


class SamplerTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.now = 1000 * MS
        clock = mock.patch.object(sampler_module, "monotonic_ns", lambda: self.now)
        clock.start()
        self.addCleanup(clock.stop)
        self.path = os.path.join(holder.name, "s.chunks")
        self.sampler = Sampler(stream.ChunkFile(self.path, 1, b"{}"), ErrorLog(holder.name), "/")
        self.addCleanup(self.sampler.close)

    def tick(self, after_ms, lateness_ms=0):
        self.now += after_ms * MS
        self.sampler.tick(lateness_ms * MS)

    def read(self):
        self.sampler.finish("exit")
        return chunk_reader.read(self.path)

    def samples_of(self, recording, name):
        lanes = [number for number, lane in recording.lanes.items() if lane.name == name]
        return [sample for sample in recording.samples if sample.lane in lanes]

    def test_samples_weigh_the_time_since_the_tick_before(self):
        parked = Parked()
        for delta in (10, 15, 100, 7):
            self.tick(delta)
        self.now += 3 * MS
        recording = self.read()
        parked.end()
        samples = self.samples_of(recording, "parked")
        self.assertEqual([sample.weight_ns for sample in samples], [d * MS for d in (10, 15, 100, 7, 3)])
        self.assertEqual(recording.duration_ns, 135 * MS)
        self.assertEqual(recording.end["lookCount"], 4)
        self.assertIn("run", [frame.function.split(".")[-1] for frame in samples[0].stack])

    def test_the_clock_stands_still_while_it_is_paused(self):
        parked = Parked()
        self.tick(10)
        self.now += 4 * MS
        self.sampler.pause()
        late = Parked("late")
        self.now += 500 * MS
        self.assertEqual(self.sampler.resume(), 500 * MS)
        self.tick(6)
        self.sampler.pause()
        late.end()
        self.now += 1000 * MS
        self.assertEqual(self.sampler.resume(), 1500 * MS)
        self.tick(200)
        self.tick(60)
        recording = self.read()
        parked.end()
        weights = [sample.weight_ns for sample in self.samples_of(recording, "parked")]
        self.assertEqual(weights, [d * MS for d in (10, 10, 200, 60, 0)])
        self.assertEqual(recording.duration_ns, 280 * MS)
        self.assertEqual(recording.lane_named("late").ended_ns, (1000 + 10 + 10 + 200) * MS)

    def test_chunks_are_flushed_soon_and_then_regularly(self):
        parked = Parked()
        self.tick(99)
        self.assertFalse(os.path.exists(self.path))
        self.tick(1)
        self.assertEqual(len(chunk_reader.read(self.path).ticks), 2)
        self.tick(200)
        self.tick(60)
        self.assertEqual(len(chunk_reader.read(self.path).ticks), 4)
        parked.end()

    def test_a_thread_that_ends_ends_its_lane(self):
        first = Parked("first")
        self.tick(10)
        first.end()
        self.tick(10)
        second = Parked("second")
        self.tick(10)
        recording = self.read()
        second.end()
        self.assertEqual(recording.lane_named("first").ended_ns, 1020 * MS)
        self.assertIsNone(recording.lane_named("second").ended_ns)

    def test_a_renamed_thread_keeps_its_lane(self):
        parked = Parked("before")
        self.tick(10)
        parked.thread.name = "after"
        self.tick(10)
        recording = self.read()
        parked.end()
        self.assertEqual(recording.lane_named("before").names, ["before", "after"])

    def test_no_local_variable_is_kept_alive(self):
        parked = Parked(depth=5)
        self.tick(10)
        self.tick(10)
        parked.end()
        self.assertIsNone(parked.weak())

    def test_columns_and_lines_of_the_executing_instruction(self):
        parked = Parked()
        self.tick(10)
        recording = self.read()
        parked.end()
        frame = next(
            frame
            for frame in self.samples_of(recording, "parked")[0].stack
            if frame.file == os.path.abspath(__file__) and frame.function.endswith("run")
        )
        with open(__file__, encoding="utf-8") as source:
            line = source.read().split("\n")[frame.line - 1]
        self.assertEqual(line.strip(), "self.go.wait()")
        if sys.version_info >= (3, 11):
            self.assertEqual(frame.function, "Parked.run")
            self.assertEqual(line[frame.column : frame.end_column], "self.go.wait()")

    def test_a_function_that_cloudpickle_has_sent_is_found_in_its_module(self):
        there, go = threading.Event(), threading.Event()
        text = "def sent(there, go):\n    there.set()\n    go.wait()\n"
        names = {"__file__": "/srv/job.py"}
        exec(compile(text, "<dynamic-code>", "exec"), names)
        thread = threading.Thread(target=names["sent"], args=(there, go), name="sent")
        thread.start()
        there.wait()
        self.tick(10)
        go.set()
        thread.join()
        (sample, *_) = self.samples_of(self.read(), "sent")
        frame = next(frame for frame in sample.stack if frame.function == "sent")
        self.assertIn((frame.file, frame.line), [("/srv/job.py", 2), ("/srv/job.py", 3)])

    def test_the_program_decides_whether_it_collects_garbage(self):
        for is_enabled in (True, False):
            (gc.enable if is_enabled else gc.disable)()
            self.tick(10)
            self.assertEqual(gc.isenabled(), is_enabled)
        gc.enable()

    def test_tables_that_are_full_are_begun_anew(self):
        parked = Parked()
        with mock.patch("pyrolens_collect.stacks._MAX_LOCATIONS", 1):
            self.tick(10)
            self.tick(10)
        recording = self.read()
        parked.end()
        first, second = self.samples_of(recording, "parked")[:2]
        self.assertEqual(first.stack, second.stack)

    def test_a_failed_write_ends_the_recording(self):
        os.mkdir(self.path)
        self.tick(100)
        self.assertFalse(self.sampler.is_open)


if __name__ == "__main__":
    unittest.main()
