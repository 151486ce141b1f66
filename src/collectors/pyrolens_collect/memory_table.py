"""What Python's own tracemalloc knows: which stacks allocated the memory that the program holds at its end.

The result is lines of JSON, each an array that begins with a letter (`FORMAT.md`, «Memory table»).
"""

from __future__ import annotations

import os
import sys
import time
import tracemalloc

from pyrolens_collect import code_places, json_text
from pyrolens_collect.errors import ErrorLog
from pyrolens_collect.target import is_own_file
from pyrolens_collect.whole_file import write_whole

# More frames would cost the program more: each allocation copies them.
FRAME_LIMIT = 10


class MemoryTable:
    """One use of tracemalloc in this process."""

    def __init__(self, run_dir: str) -> None:
        """Records nothing before `start`."""
        self._run_dir = run_dir
        self._pid = os.getpid()
        self._log = ErrorLog(run_dir)
        self._start_ns = time.monotonic_ns()
        self._is_running = False
        self._is_own = False
        self._snapshot: tracemalloc.Snapshot | None = None
        self._peak = 0

    def start(self) -> None:
        """Begins to trace; a program that is traced already keeps its own settings."""
        self._is_running = True
        self._is_own = not tracemalloc.is_tracing()
        if self._is_own:
            tracemalloc.start(FRAME_LIMIT)
        self._start_ns = time.monotonic_ns()

    def pause(self) -> None:
        """Notes what the process holds and ends tracing; a child that is not followed notes nothing."""
        if not self._is_running or os.getpid() != self._pid:
            return
        self._is_running = False
        if not tracemalloc.is_tracing():
            self._log.write("tracemalloc recorded nothing: the program has stopped it.")
            return
        self._peak = tracemalloc.get_traced_memory()[1]
        self._snapshot = tracemalloc.take_snapshot()
        if self._is_own:
            tracemalloc.stop()

    def save(self, end_reason: str, exit_code: int | None) -> None:
        """Ends tracing and writes the table, once."""
        self.pause()
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is None:
            return
        try:
            path = os.path.join(self._run_dir, f"profile-tracemalloc_{self._pid}.jsonl")
            write_whole(path, "".join(self._lines(snapshot)).encode())
        except Exception as error:
            self._log.write_exception("saving the memory table", error)

    def begin_in_child(self) -> None:
        """Begins anew after a fork: what the parent has allocated is in the parent's table."""
        if not self._is_running:
            return
        self._pid = os.getpid()
        self._start_ns = time.monotonic_ns()
        tracemalloc.clear_traces()

    def _lines(self, snapshot: tracemalloc.Snapshot) -> list[str]:
        found = snapshot.statistics("traceback")
        stacks = [(entry.size, entry.count, _frames(entry.traceback)) for entry in found]
        lines = [self._header(snapshot)]
        names = code_places.CodePlaces()
        known: dict[tuple[str, int], int] = {}
        for size, count, frames in stacks:
            if not frames:
                continue
            for frame in frames:
                if frame not in known:
                    known[frame] = len(known)
                    name, first_line = names.at(*frame)
                    lines.append(_line("f", name, *frame, first_line))
            is_whole = len(frames) < snapshot.traceback_limit
            lines.append(_line("s", size, count, is_whole, *(known[frame] for frame in frames)))
        return lines

    def _header(self, snapshot: tracemalloc.Snapshot) -> str:
        facts = {
            "version": 1,
            "pid": self._pid,
            "python": ".".join(map(str, sys.version_info[:3])),
            "frameLimit": snapshot.traceback_limit,
            "peakBytes": self._peak,
            "startMonotonicNs": self._start_ns,
            "epochNs": time.time_ns(),
        }
        return _line("pyrolens memory", facts)


def _frames(traceback: tracemalloc.Traceback) -> tuple[tuple[str, int], ...]:
    """The places from the root to the allocation, without ours at the root; none for what we allocated."""
    frames = [(frame.filename, frame.lineno) for frame in traceback]
    if is_own_file(frames[-1][0]):
        return ()
    while is_own_file(frames[0][0]):
        del frames[0]
    return tuple(frames)


def _line(*values: object) -> str:
    return json_text.to_json(values) + "\n"
