"""The call counter: exact numbers, however the program ends, and an unchanged program."""

import glob
import json
import os
import pstats
import re
import signal
import sys
import unittest

from support import COLLECTORS, COUNT_CALLS, ProgramTest, eventually

FIB = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(10)\n"
ADDRESS = re.compile("0x[0-9a-f]+")
ENDINGS = {
    "normal": "",
    "exit code": "import sys; sys.exit(7)",
    "exit text": "import sys; sys.exit('good bye')",
    "error": "try:\n    1/0\nexcept ZeroDivisionError as error:\n    raise ValueError('wrong') from error",
    "hook": (
        "import sys, traceback\nsys.excepthook = lambda *a: print(a[0], len(traceback.extract_tb(a[2])))\n1/0"
    ),
    "interrupt": "import os, signal; os.kill(os.getpid(), signal.SIGINT)\nfib(25)",
    "terminated": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)\nfib(25)",
    "names": "import sys\nprint(sorted(globals()), __file__, __spec__, sys.argv, sys.path)",
    "main": "import sys; print(sys.modules['__main__'].fib is fib, fib.__module__)",
}


def without_runpy(trace):
    """Returns a traceback without the frames of Python's own `-m`."""
    kept = []
    for line in trace.splitlines(True):
        if line.startswith('  File "'):
            is_kept = "runpy" not in line
        elif not line.startswith("  "):
            is_kept = True
        if is_kept:
            kept.append(line)
    return "".join(kept)


class CallCountsTest(ProgramTest):
    def count(self, *arguments, **options):
        environment = self.environment(False, PYROLENS_RUN_DIR=self.run_dir)
        return self.run_python(COUNT_CALLS, *arguments, env=environment, **options)

    def results(self):
        (stats,) = glob.glob(os.path.join(glob.escape(self.run_dir), "calls-*.pstats"))
        with open(stats[: -len("pstats")] + "json", encoding="utf-8") as file:
            facts = json.load(file)
        return pstats.Stats(stats).stats, facts

    def clear(self):
        for name in os.listdir(self.run_dir):
            os.unlink(os.path.join(self.run_dir, name))

    def check_fib(self, stats, path):
        (fib,) = (entry for key, entry in stats.items() if key[0] == path and key[2] == "fib")
        self.assertEqual(fib[:2], (1, 177))
        (module,) = (entry for key, entry in stats.items() if key[0] == path and key[2] == "<module>")
        self.assertEqual(module[:2], (1, 1))
        names = [key for entry in stats.items() for key in (entry[0], *entry[1][4])]
        self.assertEqual([name for name in names if name[0].startswith(COLLECTORS)], [])

    def test_endings(self):
        for name, text in ENDINGS.items():
            self.clear()
            with self.subTest(name):
                path = self.write("c.py", FIB + text)
                plain = self.run_python("c.py", "x", is_sampled=False)
                counted = self.count("c.py", "x")
                self.assertEqual(counted, plain)
                stats, facts = self.results()
                if plain[0] >= 0:
                    self.check_fib(stats, path)
                    self.assertEqual((facts["endReason"], facts["exitCode"]), ("exit", plain[0]))
                else:
                    self.assertEqual((facts["endReason"], facts["exitCode"]), ("signal", None))
                self.assertEqual((facts["threadCount"], facts["isUnreliable"]), (1, False))

    def test_modules_and_code(self):
        """Run as Python's own command line runs them, `runpy`'s frames in tracebacks apart."""
        for name, text in ENDINGS.items():
            if name in ("interrupt", "terminated", "hook"):
                continue
            self.write("pack/__init__.py", "import sys\nfound = list(sys.argv)")
            module = self.write("pack/c.py", FIB + text)
            self.write("pack/__main__.py", "from pack import found\nprint(found, __package__)\n" + FIB + text)
            forms = {
                module: ("-m", "pack.c", "x y"),
                module[: -len("c.py")] + "__main__.py": ("-m", "pack", "x y"),
                "<string>": ("-c", FIB + text, "x y"),
            }
            for path, words in forms.items():
                self.clear()
                with self.subTest(name, words=words):
                    code, out, err = self.run_python(*words, is_sampled=False)
                    counted = self.count(*words)
                    self.assertEqual((counted[0], counted[2]), (code, without_runpy(err)))
                    self.assertEqual(ADDRESS.sub("", counted[1]), ADDRESS.sub("", out))
                    self.check_fib(self.results()[0], path)

    def test_indented_code(self):
        words = ("-c", "\n    import sys\n    print(sys.argv)\n", "1")
        plain = self.run_python(*words, is_sampled=False)
        self.assertEqual(self.count(*words)[:2], plain[:2])

    def test_modules_that_are_not_there(self):
        for name in ("nowhere", "nowhere.at", "os.path.x"):
            self.assertEqual(self.count("-m", name), self.run_python("-m", name, is_sampled=False))

    def test_scripts_that_do_not_start(self):
        self.write("syntax.py", "def f(:\n    pass")
        for name in ("syntax.py", "missing.py"):
            plain = self.run_python(name, is_sampled=False)
            self.assertEqual(self.count(name)[0], plain[0])
        self.assertEqual(self.count("syntax.py"), self.run_python("syntax.py", is_sampled=False))

    def test_several_threads_are_told(self):
        self.write(
            "t.py",
            FIB + "import threading\n"
            "t = [threading.Thread(target=fib, args=(9,)) for _ in '12']\n"
            "[x.start() for x in t]\n[x.join() for x in t]",
        )
        self.assertEqual(self.count("t.py"), (0, "", ""))
        facts = self.results()[1]
        self.assertEqual((facts["threadCount"], facts["isUnreliable"]), (3, True))
        self.assertIn("3.12" if sys.version_info >= (3, 12) else "main thread", facts["unreliableReason"])

    def test_another_profiler(self):
        self.write("p.py", "import sys\nsys.setprofile(None)\nprint('ran')")
        self.write("site/sitecustomize.py", "import cProfile\nkept = cProfile.Profile()\nkept.enable()")
        environment = self.environment(
            False, PYROLENS_RUN_DIR=self.run_dir, PYTHONPATH=os.path.join(self.folder, "site")
        )
        code, out, err = self.run_python(COUNT_CALLS, "p.py", env=environment)
        self.assertEqual((code, out.strip()), (0, "ran"))
        self.assertIn("another profiler is active", err)

    @unittest.skipUnless(hasattr(signal, "SIGUSR2"), "needs SIGUSR2")
    def test_stop_lets_the_program_go_on(self):
        self.write(
            "s.py",
            FIB + "import os, time\nprint('up', flush=True)\n"
            "while not os.path.exists('go'): time.sleep(.01)\nprint(fib(5))",
        )
        environment = self.environment(False, PYROLENS_RUN_DIR=self.run_dir)
        process = self.start(COUNT_CALLS, "s.py", env=environment)
        process.stdout.readline()
        process.send_signal(signal.SIGUSR2)
        eventually(lambda: glob.glob(os.path.join(glob.escape(self.run_dir), "calls-*.json")))
        self.write("go", "")
        out, err = process.communicate()
        self.assertEqual((process.returncode, out.strip(), err), (0, b"5", b""))
        stats, facts = self.results()
        self.check_fib(stats, os.path.join(self.folder, "s.py"))
        self.assertEqual(facts["endReason"], "stopped")

    def test_spawned_children_find_the_main_module(self):
        self.write(
            "m.py",
            FIB + "import multiprocessing as m\nif __name__ == '__main__':\n"
            "    with m.get_context('spawn').Pool(1) as pool:\n        print(pool.map(fib, [5, 6]))",
        )
        code, out, _ = self.count("m.py")
        self.assertEqual((code, out.strip()), (0, "[5, 8]"))


if __name__ == "__main__":
    unittest.main()
