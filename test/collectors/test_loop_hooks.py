"""asyncio's loops measured from inside: what is written, and that programs do not notice."""

import os
import sys
import textwrap
import unittest

from support import SPIN, ProgramTest, eventually

# Long steps of a loop that has its clock already.
HOOKED = (
    SPIN
    + """
import asyncio, os, sys, traceback
async def hooked():
    loop = asyncio.get_running_loop()
    while type(loop._ready).__name__ != "ReadyQueue":
        await asyncio.sleep(.001)
"""
)
SLEPT_NS = 60_000_000
HAS_QUALNAMES = sys.version_info >= (3, 11)


class LoopHooksTest(ProgramTest):
    def record(self, program, *arguments, expected="", **more):
        """Runs a program that begins as `HOOKED` does; returns its recording, with nothing in the log."""
        self.write("p.py", HOOKED + textwrap.dedent(program))
        env = self.environment(**more)
        self.assertEqual(self.run_python("p.py", *arguments, env=env), (0, expected, ""))
        self.assertEqual(self.log(), "")
        return self.recording()

    def test_a_long_step_with_its_task_and_who_waited_for_it(self):
        recording = self.record("""
        async def wakes():
            while True:
                await asyncio.sleep(.001)
        async def main():
            await hooked()
            victim = asyncio.ensure_future(wakes())
            if hasattr(victim, "set_name"):
                victim.set_name("victim")
            await asyncio.sleep(.01)
            time.sleep(.06)
            await asyncio.sleep(.01)
        asyncio.run(main())
        """)
        (step,) = [one for one in recording.loop_steps if one["duration"] >= SLEPT_NS]
        self.assertEqual((step["task"], step["function"]), ("Task-1", "main"))
        self.assertLess(step["cpu"], SLEPT_NS / 2)
        waited = [one for one in recording.loop_delays if one["start"] >= step["start"] + SLEPT_NS]
        self.assertIn(("victim", "wakes"), [(one["task"], one["function"]) for one in waited])
        whole = [one for one in recording.loop_rounds if one["duration"] >= SLEPT_NS]
        self.assertTrue(all(one["start"] <= step["start"] for one in whole))
        self.assertGreaterEqual(max(one["longest"] for one in recording.loop_seconds), SLEPT_NS)

    def test_many_short_callbacks_are_one_round(self):
        recording = self.record("""
        async def main():
            await hooked()
            for _ in range(200):
                asyncio.get_running_loop().call_soon(spin, .0005)
            await asyncio.sleep(.01)
        asyncio.run(main())
        """)
        busy = max(recording.loop_rounds, key=lambda one: one["duration"])
        self.assertGreaterEqual(busy["steps"], 200)
        self.assertGreaterEqual(busy["ready"], 200)
        self.assertGreaterEqual(busy["duration"], 200 * 500_000)
        self.assertGreaterEqual(busy["delayed"], 100)
        named = [one for one in recording.loop_delays if one["function"] == "spin"]
        self.assertTrue(named and len(named) <= 16)
        self.assertEqual(sum(one["steps"] >= 200 for one in recording.loop_rounds), 1)

    def test_what_a_long_round_put_into_the_queue_waited_since_then(self):
        recording = self.record("""
        async def main():
            await hooked()
            loop = asyncio.get_running_loop()
            def puts():
                loop.call_soon(late)
                time.sleep(.002)
            def late():
                time.sleep(.006)
            loop.call_soon(puts)
            loop.call_soon(time.sleep, .06)
            await asyncio.sleep(.1)
        asyncio.run(main())
        """)
        (late,) = [one for one in recording.loop_steps if one["function"] and "late" in one["function"]]
        self.assertGreaterEqual(late["delay"], SLEPT_NS)

    def test_seconds_add_up(self):
        recording = self.record("""
        async def main():
            await hooked()
            began = time.monotonic()
            while time.monotonic() < began + 1.2:
                await asyncio.sleep(0)
        asyncio.run(main())
        """)
        self.assertGreaterEqual(len(recording.loop_seconds), 2)
        for second in recording.loop_seconds:
            self.assertLessEqual(second["busy"] + second["polled"], second["duration"])
            self.assertGreater(second["busy"] + second["polled"], second["duration"] * 0.8)
            self.assertGreater(second["steps"], 0)

    def test_exceptions_pass_without_a_frame_of_ours(self):
        self.record(
            """
            seen = []
            def fails():
                raise ValueError("callback")
            async def raises():
                await asyncio.sleep(0)
                raise ValueError("task")
            async def main():
                await hooked()
                loop = asyncio.get_running_loop()
                loop.set_exception_handler(lambda loop, context: seen.append(context["exception"]))
                loop.call_soon(fails)
                await asyncio.sleep(0)
                try:
                    await asyncio.ensure_future(raises())
                except ValueError as error:
                    seen.append(error)
                print([str(error) for error in seen])
                frames = [f for e in seen for f in traceback.extract_tb(e.__traceback__)]
                for found in frames, traceback.extract_stack():
                    print(any("pyrolens_collect" in frame.filename for frame in found))
            asyncio.run(main())
            """,
            expected="['callback', 'task']\nFalse\nFalse\n",
        )

    def test_cancellation_and_time_limits(self):
        self.record(
            """
            async def main():
                await hooked()
                task = asyncio.ensure_future(asyncio.sleep(60))
                await asyncio.sleep(0)
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    print("cancelled")
                try:
                    await asyncio.wait_for(asyncio.sleep(60), .01)
                except asyncio.TimeoutError:
                    print("timed out")
                handle = asyncio.get_running_loop().call_soon(print, "never")
                handle.cancel()
                await asyncio.sleep(0)
            asyncio.run(main())
            """,
            expected="cancelled\ntimed out\n",
        )

    def test_an_exit_from_a_callback(self):
        for statement, code in (("sys.exit(3)", 3), ("raise KeyboardInterrupt", -2)):
            with self.subTest(statement):
                self.write(
                    "e.py",
                    HOOKED
                    + textwrap.dedent(f"""
                    def ends():
                        {statement}
                    async def main():
                        await hooked()
                        asyncio.get_running_loop().call_soon(ends)
                        await asyncio.sleep(60)
                    asyncio.run(main())
                    """),
                )
                got, _, err = self.run_python("e.py")
                self.assertEqual(got, code)
                self.assertNotIn("pyrolens_collect", err)

    def test_loops_in_threads_have_their_own_records(self):
        recording = self.record("""
        import threading
        async def main(name):
            await hooked()
            time.sleep(.06)
            await asyncio.sleep(.01)
        def run(name):
            asyncio.run(main(name))
        threads = [threading.Thread(target=run, args=(name,), name=name) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        """)
        long = [one for one in recording.loop_steps if one["duration"] >= SLEPT_NS]
        self.assertEqual(sorted(recording.lanes[one["lane"]].name for one in long), ["one", "two"])

    def test_a_handle_from_another_thread_is_never_lost(self):
        self.record(
            """
            import threading
            async def main():
                loop, done, count = asyncio.get_running_loop(), asyncio.Event(), [0]
                def take():
                    count[0] += 1
                    if count[0] == 4 * 5000:
                        done.set()
                def put():
                    for _ in range(5000):
                        loop.call_soon_threadsafe(take)
                threads = [threading.Thread(target=put) for _ in range(4)]
                for thread in threads:
                    thread.start()
                await done.wait()
                await hooked()
                print(count[0])
            asyncio.run(main())
            """,
            expected="20000\n",
        )

    def test_time_between_two_runs_of_a_loop_is_no_step(self):
        recording = self.record("""
        loop = asyncio.new_event_loop()
        loop.run_until_complete(hooked())
        loop.call_soon(loop.stop)
        loop.run_forever()
        time.sleep(.06)
        loop.run_until_complete(asyncio.sleep(.01))
        loop.close()
        """)
        self.assertEqual([one for one in recording.loop_steps if one["duration"] >= SLEPT_NS], [])
        self.assertTrue(recording.loop_seconds)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_forked_child_starts_afresh(self):
        self.write(
            "f.py",
            HOOKED
            + textwrap.dedent("""
            async def child():
                await hooked()
                time.sleep(.07)
                await asyncio.sleep(.01)
            async def main():
                await hooked()
                time.sleep(.06)
                await asyncio.sleep(.05)
            asyncio.run(main())
            pid = os.fork()
            asyncio.run(child() if pid == 0 else main())
            if pid:
                print(os.waitpid(pid, 0)[1])
            """),
        )
        self.assertEqual(self.run_python("-W", "ignore", "f.py"), (0, "0\n", ""))
        parent, child = self.recordings()
        long = [[one for one in r.loop_steps if one["duration"] >= SLEPT_NS] for r in (parent, child)]
        names = [[one["function"] for one in steps] for steps in long]
        self.assertEqual(names, [["main", "main"], ["child"]])

    def test_a_loop_of_the_programs_own(self):
        recording = self.record(
            """
            class OwnLoop(asyncio.SelectorEventLoop):
                rounds = 0
                def _run_once(self):
                    type(self).rounds += 1
                    super()._run_once()
                def call_soon(self, *arguments, **named):
                    return super().call_soon(*arguments, **named)
            async def main():
                await hooked()
                time.sleep(.06)
                await asyncio.sleep(.01)
            loop = OwnLoop()
            loop.run_until_complete(main())
            loop.close()
            print(loop.rounds > 3)
            """,
            expected="True\n",
        )
        self.assertEqual(len([one for one in recording.loop_steps if one["duration"] >= SLEPT_NS]), 1)

    def test_a_loop_with_another_queue_is_left_alone_and_noted(self):
        self.write(
            "q.py",
            HOOKED
            + textwrap.dedent("""
            import collections, pathlib
            class Own(collections.deque):
                pass
            async def main():
                loop = asyncio.get_running_loop()
                loop._ready = Own(loop._ready)
                log = pathlib.Path(os.environ["PYROLENS_RUN_DIR"], "collector.log")
                while not log.exists():
                    await asyncio.sleep(.001)
                print(type(loop._ready).__name__)
            asyncio.run(main())
            """),
        )
        self.assertEqual(self.run_python("q.py"), (0, "Own\n", ""))
        self.assertIn("not measured from inside: TypeError", self.log())
        recording = self.recording()
        self.assertIn("Own", recording.end["hookFailure"])
        self.assertTrue(recording.samples)

    def test_a_clock_that_fails_goes_and_the_program_goes_on(self):
        self.write(
            "c.py",
            HOOKED
            + textwrap.dedent("""
            async def main():
                await hooked()
                loop = asyncio.get_running_loop()
                del loop._ready.clock._mark_ns
                loop.call_soon(print, "ran")
                await asyncio.sleep(.05)
                print(type(loop._ready).__name__, "select" in vars(loop._selector))
            asyncio.run(main())
            """),
        )
        self.assertEqual(self.run_python("c.py"), (0, "ran\nQuietQueue False\n", ""))
        self.assertIn("AttributeError", self.recording().end["hookFailure"])

    def test_stopping_lets_go_of_the_loop(self):
        self.write(
            "s.py",
            HOOKED
            + textwrap.dedent("""
            async def main():
                await hooked()
                print("hooked", flush=True)
                loop = asyncio.get_running_loop()
                while type(loop._ready).__name__ == "ReadyQueue":
                    await asyncio.sleep(.001)
                print("select" in vars(loop._selector), flush=True)
            asyncio.run(main())
            """),
        )
        process = self.start("s.py")
        self.assertEqual(process.stdout.readline().strip(), b"hooked")
        with open(os.path.join(self.run_dir, "stop"), "w", encoding="utf-8"):
            pass
        self.assertEqual(process.communicate(timeout=60), (b"False\n", b""))
        eventually(lambda: self.recording().end, "the end chunk")
        self.assertTrue(self.recording().loop_seconds)

    def missed_wakes(self, call):
        return self.record(f"""
        import threading
        async def main():
            await hooked()
            loop = asyncio.get_running_loop()
            def disturb():
                for _ in range(4):
                    time.sleep(.1)
                    loop.{call}(int)
                time.sleep(.4)
            thread = threading.Thread(target=disturb, name="disturber")
            thread.start()
            while thread.is_alive():
                await asyncio.sleep(.15)
        asyncio.run(main())
        """).missed_wakes

    def test_a_loop_that_nobody_wakes_tells_who_put_what_it_slept_over(self):
        missed = self.missed_wakes("call_soon")
        self.assertGreaterEqual(len(missed), 1)
        told = {(one["lane"], one["holder"], one["function"]) for one in missed}
        function = "main.<locals>.disturb" if HAS_QUALNAMES else "disturb"
        self.assertIn(("MainThread", "disturber", function), told)
        # A thread that ended before anybody looked has no lane.
        self.assertLessEqual(told, {("MainThread", holder, function) for holder in ("disturber", None)})

    def test_a_loop_that_is_woken_misses_nothing(self):
        self.assertEqual(self.missed_wakes("call_soon_threadsafe"), [])

    def test_switched_off(self):
        self.write(
            "o.py",
            "import asyncio, time\nasync def main():\n    await asyncio.sleep(.1)\n    time.sleep(.06)\n"
            "    print(type(asyncio.get_running_loop()._ready).__name__)\nasyncio.run(main())\n",
        )
        env = self.environment(PYROLENS_HOOKS="0")
        self.assertEqual(self.run_python("o.py", env=env), (0, "deque\n", ""))
        self.assertEqual(self.recording().loop_seconds, [])


if __name__ == "__main__":
    unittest.main()
