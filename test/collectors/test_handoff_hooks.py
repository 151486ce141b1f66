"""Jobs handed to executors: their stages and bytes, and that programs do not notice."""

import os
import textwrap
import unittest

from support import ProgramTest

# Executors whose modules the sampler has found already.
HOOKED = """
import asyncio, os, sys, time
import concurrent.futures.process, concurrent.futures.thread
import multiprocessing, multiprocessing.connection, multiprocessing.queues
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
def wait_until_hooked():
    for module in concurrent.futures.process, concurrent.futures.thread:
        while "Stamped" not in module._WorkItem.__name__:
            time.sleep(.001)
def answer(data):
    time.sleep(.02)
    return data + data
def refuse(data):
    time.sleep(.02)
    raise ValueError("refused")
class Unpicklable:
    def __reduce__(self):
        raise TypeError("stays here")
"""
MAIN = '\nif __name__ == "__main__":\n    wait_until_hooked()\n'
WORK_NS = 20_000_000
SIZE = 3_000_000


class HandoffHooksTest(ProgramTest):
    def record(self, program, expected="", **more):
        """Runs a main program; returns the recordings, the first process's first."""
        self.write("h.py", HOOKED + MAIN + textwrap.indent(textwrap.dedent(program), "    "))
        result = self.run_python("-W", "ignore", "h.py", env=self.environment(**more))
        self.assertEqual(result, (0, expected, ""))
        self.assertEqual(self.log(), "")
        return self.recordings()

    def process_job(self, method):
        first, *_ = self.record(
            f"""
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("{method}")) as pool:
                for _ in range(3):
                    size = len(pool.submit(answer, b"x" * {SIZE}).result())
                print(size)
            """,
            expected=f"{2 * SIZE}\n",
        )
        # A worker that starts anew may do its first job before it is recorded.
        self.assertGreaterEqual(len(first.handoffs), 2)
        return first, first.handoffs[-1]

    def check(self, recording, job):
        self.assertEqual(len(job["stages"]), 8)
        self.assertTrue(all(stage >= 0 for stage in job["stages"]))
        self.assertGreaterEqual(job["stages"][4], WORK_NS)
        self.assertTrue(SIZE < job["request"] < SIZE + 1000)
        self.assertTrue(2 * SIZE < job["result"] < 2 * SIZE + 1000)
        self.assertEqual(recording.lanes[job["lane"] - 1].name, "MainThread")
        self.assertEqual(job["function"], "<module>")
        self.assertNotEqual(job["worker"], recording.pid)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_stages_and_bytes_of_a_forked_pool(self):
        self.check(*self.process_job("fork"))

    def test_stages_and_bytes_of_a_pool_that_starts_anew(self):
        self.check(*self.process_job("spawn"))

    def test_exceptions_come_back_and_what_cannot_be_pickled_is_told(self):
        self.record(
            """
            with ProcessPoolExecutor(1) as pool:
                for arguments in ((refuse, b""), (answer, Unpicklable())):
                    try:
                        pool.submit(*arguments).result()
                    except Exception as error:
                        print(type(error).__name__, error)
                print(len(pool.submit(answer, b"x").result()))
            """,
            expected="ValueError refused\nTypeError stays here\n2\n",
        )

    def test_pools_at_the_same_time_do_not_mix(self):
        first, *_ = self.record("""
        with ProcessPoolExecutor(1) as one, ProcessPoolExecutor(1) as other:
            for _ in range(3):
                jobs = one.submit(answer, b"x" * 1000), other.submit(answer, b"x" * 5000)
                for job in jobs:
                    job.result()
        """)
        last = sorted(job["request"] // 1000 for job in first.handoffs[-2:])
        self.assertEqual(last, [1, 5])
        workers = {job["request"] // 1000: job["worker"] for job in first.handoffs}
        self.assertEqual(len(set(workers.values())), 2)

    def test_a_thread_pool_of_one_lets_the_second_job_wait(self):
        (recording,) = self.record("""
        with ThreadPoolExecutor(1, thread_name_prefix="pool") as pool:
            jobs = [pool.submit(time.sleep, .03), pool.submit(time.sleep, .01)]
            for job in jobs:
                job.result()
        """)
        first, second = recording.handoffs
        self.assertGreaterEqual(first["stages"][1], 30_000_000)
        first_end = first["start"] + sum(first["stages"])
        self.assertGreaterEqual(second["start"] + second["stages"][0], first_end)
        self.assertTrue(recording.lanes[second["worker"] - 1].name.startswith("pool"))

    def test_the_task_that_submits_is_known(self):
        (recording,) = self.record("""
        async def main():
            while type(asyncio.get_running_loop()._ready).__name__ != "ReadyQueue":
                await asyncio.sleep(.001)
            await asyncio.get_running_loop().run_in_executor(None, time.sleep, .03)
        asyncio.run(main())
        """)
        (job,) = recording.handoffs
        self.assertEqual((job["task"], job["function"].split(".")[-1]), ("Task-1", "main"))

    def test_exceptions_of_a_thread_show_no_frame_of_ours(self):
        self.record(
            """
            import traceback
            with ThreadPoolExecutor(1) as pool:
                try:
                    pool.submit(refuse, b"").result()
                except ValueError as error:
                    frames = traceback.extract_tb(error.__traceback__)
                    print(any("pyrolens_collect" in frame.filename for frame in frames))
            """,
            expected="False\n",
        )

    def test_other_messages_between_processes_are_what_they_were(self):
        self.record(
            """
            ours, theirs = multiprocessing.Pipe()
            theirs.send({"any": [1, 2]})
            print(ours.recv())
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(len, ["a", "bc"]))
            """,
            expected="{'any': [1, 2]}\n[1, 2]\n",
        )

    def test_a_stamp_that_fails_ends_the_hook_and_not_the_program(self):
        self.write(
            "x.py",
            HOOKED
            + MAIN
            + textwrap.indent(
                textwrap.dedent("""
                from pyrolens_collect import handoff_clock
                handoff_clock.Job = None
                with ThreadPoolExecutor(1) as pool:
                    print(pool.submit(len, "abc").result())
                print(concurrent.futures.thread._WorkItem.__name__)
                """),
                "    ",
            ),
        )
        self.assertEqual(self.run_python("x.py"), (0, "3\n_WorkItem\n", ""))
        self.assertIn("TypeError", self.recording().end["hookFailure"])

    def test_switched_off(self):
        program = "import concurrent.futures.thread as t, time\ntime.sleep(.1)\nprint(t._WorkItem.__name__)"
        self.write("o.py", program)
        env = self.environment(PYROLENS_HOOKS="0")
        self.assertEqual(self.run_python("o.py", env=env), (0, "_WorkItem\n", ""))


if __name__ == "__main__":
    unittest.main()
