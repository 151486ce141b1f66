"""The hooks alone, as the observer has them in a program that it looks at from outside."""

import os
import sys
import textwrap
import unittest

import chunk_reader
from support import SPIN, ProgramTest, eventually

OBSERVER_SEES_TASKS = sys.version_info >= (3, 14)
LONG_NS = 30_000_000


class HookRecordingTest(ProgramTest):
    def environment(self, is_sampled=True, **more):
        """Returns the environment of a program that the observer looks at."""
        return super().environment(is_sampled, **{"PYROLENS_HOOKS": "only", **more})

    def record(self, program, *arguments, expected=""):
        """Runs a program; returns what its hooks recorded, with nothing in the log."""
        self.write("p.py", SPIN + textwrap.dedent(program))
        self.assertEqual(self.run_python("p.py", *arguments), (0, expected, ""))
        self.assertEqual(self.log(), "")
        return self.hooked()

    def hooked(self):
        """Returns what the hooks of the only process recorded."""
        (recording,) = self.all_hooked()
        self.assertEqual(recording.problems, [])
        return recording

    def all_hooked(self):
        """Returns what the hooks of each process recorded."""
        self.assertEqual(self.recordings(), [])
        return chunk_reader.read_run(self.run_dir, "hooks")

    def test_collections_are_exact_and_threads_have_no_samples(self):
        recording = self.record("""
        import gc, threading
        gc.disable()
        def collects():
            for _ in range(7):
                gc.collect()
                spin(.01)
        thread = threading.Thread(target=collects, name="collects")
        thread.start()
        thread.join()
        """)
        self.assertEqual(recording.meta["engine"], "hooks")
        self.assertEqual(recording.end["reason"], "exit")
        own = [one for one in recording.pauses if self.thread_of(recording, one) == "collects"]
        self.assertEqual([one["generation"] for one in own], [2] * 7)
        self.assertEqual(recording.samples, [])
        self.assertTrue(all(lane.tid for lane in recording.lanes.values()))

    def test_its_thread_comes_seldom(self):
        recording = self.record("spin(1)")
        # At first each 4 ms, then each 50.
        self.assertLess(recording.end["lookCount"], 20 + 1.3 * recording.duration_ns / 50e6)

    def test_steps_of_loops_have_their_task(self):
        recording = self.record("""
        import asyncio
        async def blocks():
            for _ in range(6):
                time.sleep(.03)
                await asyncio.sleep(.03)
        async def main():
            await asyncio.create_task(blocks(), name="blocks")
        asyncio.run(main())
        """)
        steps = [one for one in recording.loop_steps if one["duration"] >= LONG_NS]
        self.assertGreaterEqual(len(steps), 3)
        self.assertEqual({(one["task"], one["function"]) for one in steps}, {("blocks", "blocks")})
        (lane,) = [lane for lane in recording.lanes.values() if lane.name == "blocks"]
        self.assertEqual((lane.kind, recording.lanes[lane.parent].name), ("task", "MainThread"))
        self.assertGreater(lane.identity, 1 << 16)

    @unittest.skipIf(OBSERVER_SEES_TASKS, "the observer sees where tasks wait")
    def test_where_tasks_wait_is_told_by_the_loop(self):
        recording = self.record("""
        import asyncio
        async def inner(seconds):
            await asyncio.sleep(seconds)
        async def waits():
            for _ in range(60):
                await inner(.009)
                await asyncio.sleep(.001)
        async def main():
            await asyncio.create_task(waits(), name="waits")
        asyncio.run(main())
        """)
        waited = {}
        for sample in recording.samples:
            self.assertTrue(sample.is_suspended)
            if recording.lanes[sample.lane].name == "waits":
                key = "inner" if sample.stack[1].function == "inner" else "outer"
                waited[key] = waited.get(key, 0) + sample.weight_ns
        # Short and long waits take turns: a look at the end of the long one only would see the short one.
        self.assertGreater(waited["inner"], 2 * waited.get("outer", 0))

    @unittest.skipUnless(OBSERVER_SEES_TASKS, "nobody else sees where tasks wait")
    def test_where_tasks_wait_is_left_to_the_observer(self):
        recording = self.record("""
        import asyncio
        async def main():
            await asyncio.create_task(asyncio.sleep(.3), name="waits")
        asyncio.run(main())
        """)
        self.assertEqual(recording.samples, [])

    def test_jobs_of_executors_have_their_threads(self):
        recording = self.record("""
        from concurrent.futures import ThreadPoolExecutor
        time.sleep(.1)
        with ThreadPoolExecutor(1) as pool:
            spin(.15)
            for _ in range(4):
                pool.submit(time.sleep, .04).result()
        """)
        runs = [one for one in recording.handoffs if one["stages"][1] >= LONG_NS]
        self.assertGreaterEqual(len(runs), 2)
        self.assertEqual({recording.lanes[one["lane"] - 1].name for one in runs}, {"MainThread"})

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_forked_children_have_files_of_their_own(self):
        self.write(
            "p.py",
            SPIN
            + textwrap.dedent("""
        import gc, os
        pid = os.fork()
        spin(.2)
        gc.collect()
        if pid:
            os.waitpid(pid, 0)
        """),
        )
        self.assertEqual(self.run_python("-W", "error", "p.py"), (0, "", ""))
        recordings = self.all_hooked()
        self.assertEqual(len({one.pid for one in recordings}), 2)
        for recording in recordings:
            self.assertEqual(recording.end["reason"], "exit")
            self.assertIn(2, [one["generation"] for one in recording.pauses])

    def test_stop_ends_the_hooks_and_not_the_program(self):
        self.write("p.py", "import sys; print('ready', flush=True); sys.stdin.read()")
        process = self.start("p.py")
        process.stdout.readline()
        with open(os.path.join(self.run_dir, "stop"), "w"):
            pass
        recording = eventually(lambda: [one for one in self.all_hooked() if one.end], "the end")[0]
        self.assertEqual(recording.end["reason"], "stopped")
        process.communicate(b"", timeout=60)
        self.assertEqual(process.returncode, 0)

    def test_a_program_at_the_gate_does_what_the_launcher_says(self):
        for word, sorts in (("asPlanned", ["hooks"]), ("sampler", ["samples"]), ("none", [])):
            with self.subTest(word):
                self.assertEqual(self.sorts_after(word), sorts)

    def test_the_sampler_records_at_the_launcher_s_word_also_where_hooks_are_turned_off(self):
        self.assertEqual(self.sorts_after("sampler", PYROLENS_HOOKS="0", PYROLENS_RUN_DIR=""), ["samples"])

    def test_nobody_waits_at_a_gate_that_its_launcher_has_left(self):
        self.write("p.py", "pass")
        gone = self.start("p.py")
        gone.communicate(b"", timeout=60)
        env = self.environment(PYROLENS_GATE_DIR=self.run_dir, PYROLENS_TRACER_PID=str(gone.pid))
        process = self.start("p.py", env=env)
        process.communicate(b"", timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertNotIn("gate.waiting", os.listdir(self.run_dir))

    def sorts_after(self, word, **variables):
        """Returns the sorts of streams of a program that was let through the gate with a word."""
        folder = os.path.join(self.folder, word)
        os.mkdir(folder)
        self.write("p.py", SPIN + "spin(.2)")
        tracer = str(os.getpid())
        gate = {"PYROLENS_GATE_DIR": folder, "PYROLENS_TRACER_PID": tracer}
        env = self.environment(**{"PYROLENS_RUN_DIR": folder, **gate, **variables})
        process = self.start("p.py", env=env)
        eventually(lambda: os.path.exists(os.path.join(folder, "gate.waiting")), "the gate")
        with open(os.path.join(folder, "word"), "w", encoding="utf-8") as file:
            file.write(word)
        os.rename(file.name, os.path.join(folder, "gate.open"))
        process.communicate(b"", timeout=60)
        return sorted(name.split("-")[0] for name in os.listdir(folder) if name.endswith(".chunks"))

    def thread_of(self, recording, pause):
        """Returns the name of the thread that collected; None when that is not known."""
        return recording.lanes[pause["lane"] - 1].name if pause["lane"] else None
