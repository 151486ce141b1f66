"""Counts calls with cProfile, however the program ends: by itself, sys.exit, Ctrl+C, SIGTERM.

SIGUSR2, where it exists, saves and lets the program go on without profiling.
"""

from __future__ import annotations

import atexit
import cProfile
import json
import os
import signal
import sys
import threading
import time

from pyrolens_collect import call_stats, process_facts, target
from pyrolens_collect.errors import ErrorLog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_MIXES_THREADS = sys.version_info >= (3, 12)
_MIXED = (
    "More than one thread ran Python, and since Python 3.12 cProfile books the calls of all threads "
    "on one stack: callers and total times are mixed up."
)
_MAIN_ONLY = "More than one thread ran Python, and cProfile measured only the main thread."


def main(arguments: list[str]) -> None:
    """Runs `arguments` (script and its arguments) and saves what was counted.

    Ends as the script ends: returns, or raises what the script raised.
    """
    if not arguments:
        sys.exit("usage: count_calls.py SCRIPT [ARGS]")
    counts = CallCounts(os.environ.get("PYROLENS_RUN_DIR") or os.getcwd())
    try:
        path, module = target.prepare(arguments)
        run = _load_or_exit(path, module, arguments[0])
        counts.start()
        try:
            run()
        finally:
            counts.pause()
    except BaseException as error:
        counts.save("signal" if isinstance(error, KeyboardInterrupt) else "exit", _exit_code(error))
        target.hide_launcher(error)
        raise
    counts.save("exit", 0)


def _load_or_exit(path: str, module: object, name: str) -> object:
    try:
        return target.load(path, module)
    except OSError as error:
        # The interpreter's own words for a script that it cannot open.
        sys.stderr.write(
            f"{sys.executable}: can't open file {name!r}: [Errno {error.errno}] {error.strerror}\n"
        )
        sys.exit(2)


class CallCounts:
    """One cProfile run of this process and its two result files."""

    def __init__(self, run_dir: str) -> None:
        """Measures nothing before `start`."""
        self._run_dir = run_dir
        self._pid = os.getpid()
        self._log = ErrorLog(run_dir)
        self._profiler = cProfile.Profile()
        self._cwd = process_facts.current_folder()
        self._thread_count = 1
        self._start_ns = time.monotonic_ns()
        self._argv: list[str] = []
        self._is_running = False
        self._is_saved = True

    def start(self) -> None:
        """Begins to count; says so on stderr when another profiler is in the way."""
        self._argv = list(sys.argv)
        self._start_ns = time.monotonic_ns()
        atexit.register(self.save, "exit", None)
        self._take_signals()
        # Called once in each new thread, through the hook that `threading` offers for it.
        threading.setprofile(self._count_thread)
        try:
            if sys.getprofile() is not None:
                raise ValueError("a profile function is set")
            self._profiler.enable()
        except (ValueError, RuntimeError) as error:
            threading.setprofile(None)
            sys.stderr.write(f"pyrolens: calls are not counted, another profiler is active: {error}\n")
            return
        self._is_running, self._is_saved = True, False

    def pause(self) -> None:
        """Stops counting; nothing is saved yet."""
        if self._is_running and os.getpid() == self._pid:
            self._is_running = False
            self._profiler.disable()
            threading.setprofile(None)

    def save(self, end_reason: str, exit_code: int | None) -> None:
        """Stops counting and writes the results, once; a forked child writes nothing."""
        if self._is_saved or os.getpid() != self._pid:
            return
        self.pause()
        self._is_saved = True
        name = os.path.join(self._run_dir, f"calls-{self._pid}")
        try:
            self._profiler.create_stats()
            stats = call_stats.without_launcher(self._profiler.stats, self._cwd)
            call_stats.save(stats, name + ".pstats")
            facts = json.dumps(self._facts(end_reason, exit_code))
            call_stats.write_whole(name + ".json", facts.encode())
        except Exception as error:
            self._log.write_exception("saving call counts", error)
            sys.stderr.write(f"pyrolens: the call counts could not be saved: {error}\n")

    def _facts(self, end_reason: str, exit_code: int | None) -> dict[str, object]:
        is_unreliable = self._thread_count > 1
        reason = _MIXED if _MIXES_THREADS else _MAIN_ONLY
        return {
            "pid": self._pid,
            "python": ".".join(map(str, sys.version_info[:3])),
            "argv": self._argv,
            "cwd": self._cwd,
            "startMonotonicNs": self._start_ns,
            "endMonotonicNs": time.monotonic_ns(),
            "epochNs": time.time_ns(),
            "threadCount": self._thread_count,
            "isUnreliable": is_unreliable,
            "unreliableReason": reason if is_unreliable else None,
            "endReason": end_reason,
            "exitCode": exit_code,
        }

    def _count_thread(self, frame: FrameType, event: str, argument: object) -> None:
        sys.setprofile(None)
        if self._is_running and os.getpid() == self._pid:
            self._thread_count += 1

    def _take_signals(self) -> None:
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._on_terminate)
        stop = getattr(signal, "SIGUSR2", None)
        if stop is not None and signal.getsignal(stop) is signal.SIG_DFL:
            signal.signal(stop, self._on_stop)

    def _on_terminate(self, number: int, frame: FrameType | None) -> None:
        self.save("signal", None)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self.save("stopped", None)


def _exit_code(error: BaseException) -> int | None:
    """Returns the code the process will end with; None when it dies by a signal."""
    if isinstance(error, KeyboardInterrupt):
        return None
    if not isinstance(error, SystemExit):
        return 1
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1
