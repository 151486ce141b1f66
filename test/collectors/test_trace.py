"""The tracer, in programs of its own: calls, ends, children, other tools, limits."""

import json
import os
import sys
import unittest

from support import SPIN, eventually
from traced import Trace, TraceTest

HAS_MONITORING = hasattr(sys, "monitoring")
TRUTH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trace_truth.py")


class CallsTest(TraceTest):
    def test_every_call_in_its_order_in_all_threads(self):
        for seed in range(3):
            with self.subTest(seed):
                for name in os.listdir(self.run_dir):
                    os.remove(os.path.join(self.run_dir, name))
                code, out, err = self.run_python(TRUTH, str(seed))
                self.assertEqual((code, err, self.log()), (0, "", ""))
                trace = Trace(self.recording())
                for thread, happened in json.loads(out).items():
                    self.assertGreater(len(happened), 100)
                    self.assert_same(trace.happened[thread], happened)

    def assert_same(self, traced, happened):
        """Fails with the first difference: the one of lists this long takes minutes to print."""
        first = next((at for at, (a, b) in enumerate(zip(traced, happened)) if a != b), None)
        around = slice(max((first or 0) - 5, 0), (first or 0) + 5)
        self.assertIsNone(first, (traced[around], happened[around]))
        self.assertEqual(len(traced), len(happened))

    def test_times_are_those_of_the_calls(self):
        trace = self.trace(
            "import time\ndef inner():\n    time.sleep(.05)\n"
            "def outer():\n    inner()\n    inner()\nouter()\n"
        )
        inner, outer = trace.named("inner"), trace.named("outer")
        self.assertEqual((len(inner), len(outer)), (2, 1))
        self.assertTrue(all(call.parent is outer[0] for call in inner))
        self.assertGreaterEqual(min(call.duration_ns for call in inner), 50_000_000)
        self.assertGreaterEqual(outer[0].duration_ns, sum(call.duration_ns for call in inner))

    def test_waiting_calls_of_compiled_code(self):
        trace = self.trace(
            "import threading, time\nlock = threading.Lock()\ndef use():\n    lock.acquire()\n"
            "    time.sleep(.01)\n    lock.release()\nuse()\n"
        )
        names = [call.name for call in trace.slices if call.parent and call.parent.name == "use"]
        self.assertEqual(names, ["lock.acquire", "time.sleep"])

    def test_what_asks_the_user_or_a_file_is_no_work_of_its_caller(self):
        self.write("q.txt", "who\n")
        trace = self.trace(
            "import os, sqlite3, sys\nsys.stdin = open('q.txt')\ndef asks():\n    input()\n"
            "    os.read(os.open('q.txt', os.O_RDONLY), 9)\n    open('q.txt', 'rb', 0).read()\n"
            "    sqlite3.connect(':memory:').execute('select 1')\nasks()\n"
        )
        names = [call.name for call in trace.slices if call.parent and call.parent.name == "asks"]
        chosen = ["builtins.input", "posix.read", "FileIO.read", "Connection.execute"]
        self.assertEqual([name for name in names if name in chosen], chosen)

    def test_the_machinery_of_imports_and_our_own_code_are_left_out_where_they_can_be(self):
        trace = self.trace("import json, collections\n")
        self.assertIn("<module>", {call.name for call in trace.slices})
        self.assertNotIn("start_in_process", {call.name for call in trace.slices})
        if HAS_MONITORING:
            self.assertNotIn("_find_and_load", {call.name for call in trace.slices})

    def test_garbage_collections(self):
        self.trace("import gc\ngc.collect()\n")
        recording = self.recording()
        self.assertIn(2, {pause["generation"] for pause in recording.pauses})

    def test_steps_of_tasks_are_told(self):
        recording = self.steps_of(
            "import asyncio\nasync def inner():\n    await asyncio.sleep(.01)\n"
            "async def outer():\n    await inner()\n    await inner()\n"
            "async def main():\n    await asyncio.gather("
            "asyncio.create_task(outer(), name='one'), asyncio.create_task(outer(), name='two'))\n"
            "asyncio.run(main())\n"
        )
        names = [name for _, name in recording.steps]
        self.assertEqual((names.count("one"), names.count("two")), (3, 3))
        self.assertIn(None, names)
        tasks = [lane for lane in recording.lanes.values() if lane.kind == "task"]
        self.assertLessEqual({"one", "two"}, {lane.name for lane in tasks})
        self.assertEqual({recording.lanes[lane.parent].name for lane in tasks}, {"MainThread"})

    def steps_of(self, text):
        """Runs a program that must end well, in both modes alike, and returns its recording."""
        self.trace(text, mode="adaptive")
        return self.recording()

    def test_thread_names_and_reused_threads(self):
        self.write(
            "p.py",
            "import threading\ndef f():\n    pass\nfor n in range(5):\n"
            "    thread = threading.Thread(target=f, name=f'number {n}')\n"
            "    thread.start()\n    thread.join()\n",
        )
        self.run_python("p.py")
        names = [lane.name for lane in self.recording().lanes.values()]
        self.assertEqual(sorted(names), ["MainThread", *(f"number {n}" for n in range(5))])


class EndsTest(TraceTest):
    def test_exit_codes_output_and_tracebacks_are_the_programs(self):
        programs = {
            "import sys\nprint(sys.argv)\nsys.exit(7)\n": 7,
            "def f():\n    raise ValueError('x')\nf()\n": 1,
        }
        for text, code in programs.items():
            with self.subTest(code):
                self.write("p.py", text)
                plain = self.run_python("p.py", "a", is_sampled=False)
                self.assertEqual(self.run_python("p.py", "a"), plain)
                self.assertEqual(plain[0], code)
        self.assertTrue(all(recording.end["reason"] == "exit" for recording in self.recordings()))

    def test_what_was_written_survives_os_exit(self):
        self.write(
            "p.py",
            SPIN + "import os\ndef first():\n    spin(.6)\nfirst()\nspin(.6)\nos._exit(3)\n",
        )
        self.assertEqual(self.run_python("p.py")[0], 3)
        recording = self.recording()
        self.assertIsNone(recording.end)
        self.assertEqual(Trace(recording).count("first"), 1)

    def test_the_stop_file_ends_the_trace_and_not_the_program(self):
        self.write("p.py", "def f(x):\n    return x\nprint('on', flush=True)\nwhile f(1):\n    pass\n")
        process = self.start("p.py")
        process.stdout.readline()
        eventually(lambda: self.recordings(), "a stream")
        with open(os.path.join(self.run_dir, "stop"), "w"):
            pass
        recordings = eventually(
            lambda: [found for found in self.recordings() if found.end is not None], "the end"
        )
        self.assertEqual(recordings[0].end["reason"], "stopped")
        self.assertIsNone(process.poll())

    def test_the_limit_ends_the_trace_with_a_sentence(self):
        program = (
            "import time\ndef f(x):\n    return x\nend = time.monotonic() + 3\n"
            "while time.monotonic() < end:\n    f(1)\n"
        )
        self.trace(program, PYROLENS_TRACE_MB="1")
        recording = self.recording()
        self.assertEqual(recording.end["reason"], "budget")
        self.assertIn("limit of 1 MB", recording.end["message"])


@unittest.skipUnless(hasattr(os, "fork"), "needs fork")
class ChildrenTest(TraceTest):
    def test_a_forked_child_goes_on_within_the_calls_of_its_parent(self):
        self.write(
            "p.py",
            "import os\ndef after():\n    pass\ndef inner():\n    pid = os.fork()\n    after()\n"
            "    if pid:\n        os.waitpid(pid, 0)\ndef outer():\n    inner()\nouter()\n",
        )
        self.assertEqual(self.run_python("p.py"), (0, "", ""))
        parent, child = (Trace(recording) for recording in self.recordings())
        for trace in (parent, child):
            (after,) = trace.named("after")
            self.assertEqual((after.parent.name, after.parent.parent.name), ("inner", "outer"))
            self.assertFalse({call.name for call in trace.open} & {"<module>", "outer", "inner", "after"})
        self.assertEqual(parent.count("outer"), 1)

    def test_multiprocessing_and_subprocess(self):
        self.write(
            "m.py",
            "import multiprocessing, subprocess, sys\ndef work():\n    pass\nif __name__ == '__main__':\n"
            "    for way in ('fork', 'spawn'):\n"
            "        child = multiprocessing.get_context(way).Process(target=work)\n"
            "        child.start()\n        child.join()\n"
            "    subprocess.run([sys.executable, '-c', 'def work():\\n    pass\\nwork()'])\n",
        )
        self.assertEqual(self.run_python("m.py"), (0, "", ""))
        recordings = self.recordings()
        worked = [recording for recording in recordings if Trace(recording).count("work") == 1]
        self.assertEqual(len(worked), 3)
        self.assertEqual({recording.end["reason"] for recording in worked}, {"exit"})


class OtherToolsTest(TraceTest):
    def test_a_profile_function_of_the_program_is_left_alone(self):
        self.write(
            "p.py",
            "import sys\nseen = []\ndef before():\n    pass\ndef after():\n    pass\nbefore()\n"
            "sys.setprofile(lambda frame, event, argument: seen.append(frame.f_code.co_name))\n"
            "after()\nprint('after' in seen)\n",
        )
        code, out, _ = self.run_python("p.py")
        self.assertEqual((code, out.strip()), (0, "True"))
        recording = self.recording()
        self.assertEqual(Trace(recording).count("before"), 1)
        if HAS_MONITORING:
            self.assertEqual(Trace(recording).count("after"), 1)
        else:
            self.assertIn("profile function of its own", recording.end["message"])

    @unittest.skipUnless(HAS_MONITORING, "needs sys.monitoring")
    def test_a_monitoring_tool_of_the_program_works_beside_it(self):
        trace = self.trace(
            "import sys\nseen = []\nmonitoring, start = sys.monitoring, sys.monitoring.events.PY_START\n"
            "monitoring.use_tool_id(2, 'mine')\n"
            "monitoring.register_callback(2, start, lambda code, at: seen.append(code.co_name))\n"
            "monitoring.set_events(2, start)\ndef f():\n    pass\nf()\n"
            "monitoring.set_events(2, 0)\nassert 'f' in seen, seen\n"
        )
        self.assertEqual(trace.count("f"), 1)

    @unittest.skipUnless(HAS_MONITORING, "needs sys.monitoring")
    def test_a_tool_that_was_there_first_keeps_its_place_and_the_run_says_so(self):
        self.write("site/sitecustomize.py", "import sys\nsys.monitoring.use_tool_id(3, 'theirs')\n")
        self.write("p.py", "import sys\nprint(sys.monitoring.get_tool(3))\n")
        environment = self.environment()
        environment["PYTHONPATH"] += os.pathsep + os.path.join(self.folder, "site")
        self.assertEqual(self.run_python("p.py", env=environment), (0, "theirs\n", ""))
        recording = self.recording()
        self.assertEqual(recording.end["reason"], "refused")
        self.assertIn("theirs", recording.end["message"])


@unittest.skipUnless(HAS_MONITORING, "needs sys.monitoring")
class FoldingTest(TraceTest):
    PROGRAM = (
        SPIN
        + """
def tiny(x, seconds=0):
    if seconds:
        time.sleep(seconds)
    return x
def slow(seconds):
    spin(seconds)
def caller(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for n in range(1000):
            tiny(n)
    slow(.005)
def deep(n):
    return tiny(n) if n == 0 else deep(n - 1) + deep(n - 1)
for _ in range(4):
    caller(.6)
deep(12)
tiny(0, seconds=.5)
slow(.005)
"""
    )

    def test_tiny_functions_are_folded_and_no_slow_call_is_lost(self):
        trace = self.trace(self.PROGRAM, mode="adaptive")
        calls, mean_ns = trace.folded["tiny"]
        self.assertGreaterEqual(calls, 2000)
        self.assertLess(mean_ns, 10_000)
        self.assertLess(trace.count("tiny"), 1_000_000)
        self.assertEqual((trace.count("caller"), trace.count("slow"), trace.count("deep")), (4, 5, 8191))
        self.assertTrue(all(call.duration_ns > 4_000_000 for call in trace.named("slow")))
        self.assertEqual({call.parent.name for call in trace.named("caller")}, {"<module>"})
        self.assertEqual(trace.open, [])

    def test_a_long_call_of_a_folded_function_is_shown(self):
        trace = self.trace(self.PROGRAM, mode="adaptive")
        self.assertIn("tiny", trace.unfolded)
        self.assertGreater(max(call.duration_ns for call in trace.named("tiny")), 400_000_000)

    def test_a_long_recursion_of_a_folded_function_is_shown(self):
        trace = self.trace(
            "import time\ndef rec(n):\n    return 0 if n == 0 else rec(n - 1) + rec(n - 1)\n"
            "def long():\n    rec(18)\n"
            "for _ in range(40):\n    for _ in range(200):\n        rec(3)\n    time.sleep(.03)\n"
            "long()\n",
            mode="adaptive",
        )
        self.assertIn("rec", trace.folded)
        outermost = [call for call in trace.named("rec") if call.parent and call.parent.name == "long"]
        self.assertGreater(max((call.duration_ns for call in outermost), default=0), 20_000_000)


if __name__ == "__main__":
    unittest.main()
