"""The hook does not change the program: compared with the same program run without it."""

import os
import sys
import time
import unittest
import zipfile

from support import INJECT, SPIN, ProgramTest

BEHAVIOUR = """
    import gc, os, signal, sys, threading
    print(sys.argv, sys.path, __name__, __file__, sys.flags, sys.getrecursionlimit())
    print([t.name for t in threading.enumerate()], threading.active_count(), threading.current_thread().name)
    print(sys.gettrace(), sys.getprofile(), sys.getswitchinterval(), gc.isenabled(), gc.get_threshold())
    print([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)])
    print(sys.modules.get("sitecustomize"), sys.stdin.read(), os.getcwd(), sys.dont_write_bytecode)
"""
# What the sampler needs is built in or loaded by any program that does something.
OWN_MODULES = {
    "__future__",
    "_collections",
    "_interpreters",
    "_xxsubinterpreters",
    "atexit",
    "binascii",
    "errno",
    "gc",
}
OWN_MODULES |= {"itertools", "time", "_functools", "_operator", "_weakref"}

ENDINGS = {
    "normal": "pass",
    "exit code": "import sys; sys.exit(7)",
    "exit text": "import sys; sys.exit('good bye')",
    "error": "def f():\n    raise ValueError('wrong')\nf()",
    "interrupt": "import os, signal; os.kill(os.getpid(), signal.SIGINT)\nfor _ in range(10**7): pass",
    "terminated": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)\nfor _ in range(10**7): pass",
    "hard exit": "import os; os._exit(3)",
    "atexit order": (
        "import atexit, threading, time\natexit.register(print, 'atexit')\nsaid = threading.Event()\n"
        "threading.Thread(target=lambda: (said.wait(), time.sleep(.1), print('thread'))).start()\n"
        "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\nprint('main'); said.set()"
    ),
    "forked": "import os\nif os.fork() == 0: print('child'); os._exit(0)\nos.wait()",
    "out of stack": "def f(): f()\nf()",
}


class HookTest(ProgramTest):
    def both(self, *arguments, stdin=b"", env=None):
        """Runs without and with the hook, and expects the same; returns what was seen."""
        plain = self.run_python(*arguments, stdin=stdin, env=self.environment(False, **env or {}))
        more = dict(env or {})
        if "PYTHONPATH" in more:
            more["PYTHONPATH"] = INJECT + os.pathsep + more["PYTHONPATH"]
        hooked = self.run_python(*arguments, stdin=stdin, env=self.environment(True, **more))
        self.assertEqual(hooked, plain)
        self.assertEqual(self.log(), "")
        return hooked

    def test_behaviour(self):
        self.write("b.py", BEHAVIOUR)
        _, out, err = self.both("b.py", "ä", "--x", stdin=b"typed")
        self.assertIn("typed", out, err)
        self.recording()

    def test_hardly_any_module_is_imported(self):
        code = "import sys; print(*(m for m in sys.modules if not m.startswith('pyrolens_collect')))"
        plain, hooked = (set(self.run_python("-c", code, is_sampled=i)[1].split()) for i in (False, True))
        self.assertLessEqual(hooked - plain, OWN_MODULES)

    def test_endings(self):
        for name, text in ENDINGS.items():
            if "fork" in text and not hasattr(os, "fork"):
                continue
            with self.subTest(name):
                self.write("e.py", text)
                self.both("-W", "error", "e.py")

    def test_command_and_module(self):
        self.both("-c", "import sys; print(sys.argv, sys.path[0])", "x")
        self.write("package/__main__.py", "import sys; print(sys.argv, __spec__.name)")
        self.both("-m", "package", "x")

    def test_the_users_sitecustomize_runs(self):
        self.write("site/sitecustomize.py", "import sys; sys.marked = __name__, __file__, __spec__.origin")
        self.write("s.py", "import sys, sitecustomize; print(sys.marked, sitecustomize.__file__)")
        _, out, _ = self.both("s.py", env={"PYTHONPATH": os.path.join(self.folder, "site")})
        self.assertIn("site", out)
        self.recording()

    def test_a_broken_sitecustomize_is_reported_as_ever(self):
        self.write("site/sitecustomize.py", "raise ValueError('broken')")
        self.write("s.py", "print('ran')")
        _, out, err = self.both("s.py", env={"PYTHONPATH": os.path.join(self.folder, "site")})
        self.assertEqual(out.strip(), "ran")
        self.assertIn("broken", err)
        self.recording()

    def test_without_a_run_folder_nothing_is_recorded(self):
        environment = self.environment(False, PYTHONPATH=INJECT)
        code = "import sys; print([m for m in sys.modules if 'pyrolens' in m])"
        self.assertEqual(self.run_python("-c", code, env=environment)[1].strip(), "[]")

    def test_a_tool_that_starts_the_program_is_left_out(self):
        self.write("poetry", "import os, sys\nos.execv(sys.executable, [sys.executable, *sys.argv[3:]])")
        self.write("p.py", "print('ran')")
        self.assertEqual(self.run_python("poetry", "run", "python", "p.py")[:2], (0, "ran\n"))
        (recording,) = self.recordings()
        self.assertEqual(recording.meta["argv"], ["p.py"])

    def test_isolated_python_has_no_hook(self):
        for flag in ("-I", "-E", "-S"):
            self.run_python(flag, "-c", "pass")
        self.assertEqual(self.recordings(), [])

    def test_an_unwritable_run_folder(self):
        with open(os.path.join(self.folder, "file"), "w"):
            pass
        environment = self.environment(PYROLENS_RUN_DIR=os.path.join(self.folder, "file", "run"))
        result = self.run_python("-c", "import time; time.sleep(.3); print('done')", env=environment)
        self.assertEqual(result, (0, "done" + os.linesep, ""))

    def test_file_names_of_all_kinds(self):
        with zipfile.ZipFile(os.path.join(self.folder, "z.zip"), "w") as archive:
            archive.writestr("zipped.py", SPIN)
        self.write(
            "ö ü.py",
            SPIN + "import sys\nsys.path.insert(0, 'z.zip')\nimport zipped\n"
            "zipped.spin(.3)\nexec(compile('spin(.3)', '<string>', 'exec'))\n"
            "exec(compile('spin(.3)', 'bad\\udcff.py', 'exec'))\nspin(.1)",
        )
        self.assertEqual(self.run_python("ö ü.py")[0], 0)
        files = {frame.file for sample in self.recording().samples for frame in sample.stack}
        for name in ("ö ü.py", os.path.join("z.zip", "zipped.py"), "bad\\udcff.py"):
            self.assertIn(os.path.join(self.folder, name), files)
        self.assertIn("<string>", files)
        self.assertGreater(self.recording().files[os.path.join(self.folder, "ö ü.py")][1], 0)

    def test_deep_recursion(self):
        self.write(
            "d.py",
            "import sys, time\nsys.setrecursionlimit(10**6)\ndef f(n):\n"
            "    if n: f(n - 1)\n    else: time.sleep(2)\n"
            "import threading\nthreading.stack_size(512 << 20)\n"
            "t = threading.Thread(target=f, args=(10000,))\nt.start()\nt.join()",
        )
        self.assertEqual(self.run_python("d.py")[0], 0)
        self.assertGreater(max(len(sample.stack) for sample in self.recording().samples), 10_000)

    def test_many_short_threads(self):
        self.write(
            "t.py",
            "import threading\nfor _ in range(3000):\n"
            "    t = threading.Thread(target=sum, args=((1, 2),))\n    t.start()\nt.join()",
        )
        self.assertEqual(self.run_python("t.py"), (0, "", ""))
        self.assertEqual(self.recording().end["reason"], "exit")

    def test_garbage_collection_and_cleared_callbacks(self):
        self.write(
            "g.py", "import gc, time\ngc.collect()\ntime.sleep(.1)\ngc.callbacks.clear()\ngc.collect()"
        )
        self.assertEqual(self.run_python("g.py"), (0, "", ""))
        pauses = self.recording().pauses
        self.assertTrue(any(pause["generation"] == 2 and pause["lane"] == 1 for pause in pauses))

    def test_cpu_time_of_threads(self):
        if not sys.platform.startswith("linux"):
            self.skipTest("only Linux tells")
        self.write(
            "c.py",
            SPIN + "import threading\n"
            "t = threading.Thread(target=spin, args=(.5,), name='busy')\n"
            "t.start()\ntime.sleep(.6)\nt.join()",
        )
        self.run_python("c.py")
        recording = self.recording()
        used = dict.fromkeys(recording.lanes, 0)
        for sample in recording.samples:
            used[sample.lane] += sample.cpu_ns or 0
        by_name = {recording.lanes[lane].name: ns for lane, ns in used.items()}
        self.assertGreater(by_name["busy"], 3 * by_name["MainThread"])
        self.assertLess(by_name["busy"], 700_000_000)

    def test_startup_is_not_slowed_by_much(self):
        self.run_python("-c", "pass")
        times = {}
        for is_sampled in (False, True):
            began = time.perf_counter()
            for _ in range(5):
                self.run_python("-c", "pass", is_sampled=is_sampled)
            times[is_sampled] = (time.perf_counter() - began) / 5
        print(f"startup: {times[False] * 1e3:.1f} ms, with the hook {times[True] * 1e3:.1f} ms")


if __name__ == "__main__":
    unittest.main()
