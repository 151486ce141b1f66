"""asyncio: the running task, the suspended ones with their chain of awaits, names and ends."""

import sys
import unittest

from support import SPIN, ProgramTest

PROGRAM = (
    SPIN
    + """
import asyncio, sys
async def inner(seconds):
    await asyncio.sleep(seconds)
async def numbers():
    await inner(.3)
    yield 1
async def worker():
    await inner(.3)
    asyncio.current_task().set_name("renamed")
    spin(.3)
    async for _ in numbers():
        pass
async def main():
    if "eager" in sys.argv:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    task = asyncio.ensure_future(worker())
    if "eager" not in sys.argv:
        task.set_name("first")
    await task
asyncio.run(main())
time.sleep(.1)
"""
)


class TasksTest(ProgramTest):
    def record(self, *arguments):
        self.write("t.py", PROGRAM)
        self.assertEqual(self.run_python("t.py", *arguments), (0, "", ""))
        self.assertEqual(self.log(), "")
        return self.recording()

    def check(self, recording):
        lane = recording.lane_named("renamed")
        number = next(key for key, value in recording.lanes.items() if value is lane)
        self.assertEqual(recording.lanes[lane.parent].name, "MainThread")
        self.assertIsNotNone(lane.ended_ns)
        chains = [sample for sample in recording.samples if sample.lane == number]
        self.assertTrue(all(sample.is_suspended for sample in chains))
        seen = {tuple(_plain(frame.function) for frame in sample.stack[:3]) for sample in chains}
        self.assertIn(("worker", "inner", "sleep"), seen)
        self.assertIn(("worker", "numbers", "inner"), seen)
        running = [sample for sample in recording.samples if sample.task == number]
        self.assertTrue(any(_plain(s.stack[-1].function) == "spin" for s in running))
        for samples, expected in ((chains, 600_000_000), (running, 300_000_000)):
            weight = sum(sample.weight_ns for sample in samples)
            self.assertGreater(weight, expected * 0.5)
            self.assertLess(weight, recording.duration_ns)

    def test_running_and_suspended_tasks(self):
        recording = self.record()
        self.check(recording)
        self.assertEqual(recording.lane_named("first").names, ["first", "renamed"])

    @unittest.skipIf(sys.version_info < (3, 12), "needs eager tasks")
    def test_eager_tasks(self):
        self.check(self.record("eager"))

    def test_more_tasks_than_are_looked_at(self):
        self.write(
            "m.py",
            "import asyncio\nasync def main():\n"
            "    await asyncio.gather(*(asyncio.sleep(2) for _ in range(1000)))\nasyncio.run(main())",
        )
        self.assertEqual(self.run_python("m.py"), (0, "", ""))
        recording = self.recording()
        # More than that where the first window was chosen while the tasks were still being made.
        # The next is chosen much later: a list of many is made seldom.
        self.assertGreaterEqual(recording.end["tasksLeftOut"], 801)
        self.assertLessEqual(recording.end["tasksLeftOut"], 1001)
        per_tick = {}
        for sample in recording.samples:
            per_tick[sample.at_ns] = per_tick.get(sample.at_ns, 0) + 1
        self.assertLessEqual(max(per_tick.values()), 201)

    def test_tasks_are_not_kept_alive(self):
        self.write(
            "w.py",
            """
            import asyncio, gc, weakref
            async def main():
                gc.disable()
                task = asyncio.ensure_future(asyncio.sleep(.3))
                weak = weakref.ref(task)
                await task
                del task
                await asyncio.sleep(.1)
                print(weak())
            asyncio.run(main())
            """,
        )
        self.assertEqual(self.run_python("w.py")[1].strip(), "None")


def _plain(function):
    return function.split(".")[-1]


if __name__ == "__main__":
    unittest.main()
