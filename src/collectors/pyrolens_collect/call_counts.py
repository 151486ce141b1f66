"""Counts calls with cProfile, in a program that is started for it."""

from __future__ import annotations

import cProfile
import json
import os
import sys
import threading
import time

from pyrolens_collect import call_stats, launched, process_facts
from pyrolens_collect.errors import ErrorLog
from pyrolens_collect.whole_file import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_MIXES_THREADS = sys.version_info >= (3, 12)
_MIXED = (
    "More than one thread ran Python, and since Python 3.12 cProfile books the calls of all threads "
    "on one stack: callers and total times are mixed up."
)
_MAIN_ONLY = "More than one thread ran Python, and cProfile measured only the main thread."


def main(words: list[str]) -> None:
    """Runs the program that `words` name, as Python's own command line does, and saves what was counted."""
    if not words:
        sys.exit("usage: count_calls.py SCRIPT|-m MODULE|-c CODE [ARGS]")
    launched.run(words, launched.Saver(CallCounts(launched.run_folder())))


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
            write_whole(name + ".json", facts.encode())
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
