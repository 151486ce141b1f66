"""Lets a program write down its own gaps: what each was, when, on which thread or task, and who is to blame.

    truth = TruthRows(__file__)
    with truth.span("sync.lock", victim="victim", holder="holder", role="victim"):
        lock.acquire()  # victim

`victim` and `holder` name markers: the lines that end with `# victim`, several in a loop. A program gets
the path of its truth file and a seed.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import re
import sys
import threading
import time

# Computing that got less of a processor was not what its label says.
_LEAST_CPU_SHARE = 0.6
# Gaps of 5 ms are listed, and the sampler's own callback measures a little more than this one.
_NOTED_NS = 4_000_000
_SKIPPED = 77
now = time.monotonic_ns


class TruthRows:
    """The gaps of one program, written by `write` at its end."""

    def __init__(self, file: str) -> None:
        """`file` is the program's own `__file__`."""
        with open(file, encoding="utf-8") as source:
            self._source = source.read().splitlines()
        self._file = os.path.abspath(file)
        self._rows: list[dict[str, object]] = []
        self._path = sys.argv[1]
        self._random = random.Random(int(sys.argv[2]))
        self._extra_ms = float(os.environ.get("TRUTH_EXTRA_MS", "0"))
        self._pause_began = 0

    def seconds(self, low_ms: float = 12, high_ms: float = 90) -> float:
        """Returns a duration that does not beat with the sampler's interval."""
        return self._random.uniform(low_ms, high_ms) / 1000

    def cause_seconds(self, low_ms: float = 12, high_ms: float = 90) -> float:
        """Returns how long what is to blame takes: `TRUTH_EXTRA_MS` makes it longer, and nothing else."""
        return self.seconds(low_ms, high_ms) + self._extra_ms / 1000

    @contextlib.contextmanager
    def span(self, class_id: str, **facts: str):
        """Labels what happens inside of it; `facts` are those of `add`."""
        began, cpu = now(), time.thread_time_ns()
        yield
        self.add(class_id, began, now(), cpu_ns=time.thread_time_ns() - cpu, **facts)

    def add(self, class_id, began, ended, *, cpu_ns=None, **facts) -> None:
        """Labels a stretch of the calling thread, or of the task `task`. Callable from any thread.

        `role` is what the lane is to it. `computes` says that it is true only as far as the CPU was used;
        `grows` is «no» where `cause_seconds` do not make it longer.
        """
        is_unsettled = facts.get("computes") and cpu_ns < (ended - began) * _LEAST_CPU_SHARE
        row = {
            "class": "unsettled" if is_unsettled else class_id,
            "startNs": began,
            "endNs": ended,
            "pid": os.getpid(),
            "tid": threading.get_native_id(),
            "task": facts.get("task"),
            "file": self._file,
            "victimLines": self._lines(facts.get("victim")),
            "holderLines": self._lines(facts.get("holder")),
            "role": facts.get("role"),
            "grows": facts.get("grows"),
        }
        self._rows.append(row)

    def add_overlaps(self, class_id, stalls, causes, least_ns, **facts) -> None:
        """Labels where a stretch without progress and a cause overlap for longer than `least_ns`."""
        for start, end in stalls:
            for began, ended in causes:
                first, last = max(start, began), min(end, ended)
                if last - first > least_ns:
                    self.add(class_id, first, last, **facts)

    def watch_collections(self) -> None:
        """Labels each long pause of the garbage collector, at the line that allocated when it began."""
        gc.callbacks.append(self._note_pause)

    def write(self) -> None:
        """Writes the truth file."""
        if self._note_pause in gc.callbacks:
            gc.callbacks.remove(self._note_pause)
        with open(self._path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in self._rows)

    def _note_pause(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._pause_began = now()
        elif now() - self._pause_began >= _NOTED_NS:
            frames = list(_frames_from(sys._getframe(1)))
            is_step = any(_is_step(frame.f_code) for frame in frames)
            self.add("loop.blocked(run.gc)" if is_step else "run.gc", self._pause_began, now())
            own = [frame for frame in frames if frame.f_code.co_filename == self._file]
            if own and own[0] is frames[0]:
                self._rows[-1].update(victimLines=[own[0].f_lineno], role="culprit")

    def _lines(self, marker: str | None) -> list[int]:
        pattern = re.compile(rf"# {marker}$")
        return [number for number, text in enumerate(self._source, 1) if pattern.search(text)]


def skip(reason: str) -> None:
    """Ends a program that cannot show here what it is for."""
    print(reason)
    sys.exit(_SKIPPED)


def queued_ns() -> int | None:
    """Returns how long this thread has been ready without a processor; None when the kernel does not tell."""
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError, ValueError):
        return None


def _frames_from(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_step(code) -> bool:
    return code.co_name == "_run" and code.co_filename.endswith("events.py")


def compute(seconds: float) -> int:
    """Uses the CPU for this long, as far as a processor is free."""
    until = now() + int(seconds * 1e9)
    total = 0
    while now() < until:
        for number in range(300):
            total += number * number
    return total
