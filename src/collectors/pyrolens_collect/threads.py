"""The lanes of the program's threads: names, OS thread ids, CPU time, beginning and end."""

from __future__ import annotations

import sys

from pyrolens_collect.records import LANE_END, THREAD_LANE, Records
from pyrolens_collect.thread_cpu import thread_cpu_ns

_MAIN_NAME = "MainThread"
# Bytecode gives the GIL up within one interval; after so many it was a call that did not.
_CALL_END_INTERVALS = 1.5


class ThreadLane:
    """What is known of one thread."""

    __slots__ = (
        "cpu_ns",
        "is_polling",
        "lane",
        "name",
        "path",
        "paused_cpu_ns",
        "stack",
        "task",
        "tid",
        "was_at_call_end",
        "was_running",
    )

    def __init__(self, lane: int, tid: int, name: str) -> None:
        """`lane` is its number in the stream, `tid` the OS thread id or 0."""
        self.lane = lane
        self.tid = tid
        self.name = name
        # The CPU clock of a thread starts at 0 with the thread.
        self.cpu_ns = 0
        self.paused_cpu_ns: int | None = None
        self.path: list[int] = []
        self.stack = 0
        self.task: int | None = None
        # Its event loop polls, as far as that is known.
        self.is_polling = False
        # How the last tick found it: running rather than in a call that gave the GIL away; at the end
        # of a call that had kept the GIL beyond the switch interval.
        self.was_running = False
        self.was_at_call_end = False

    def take_cpu_ns(self) -> int | None:
        """Returns the CPU time used since the last call; None when unknown."""
        now = thread_cpu_ns(self.tid)
        if now is None:
            return None
        used = now - self.cpu_ns
        self.cpu_ns = now
        return max(used, 0)

    def pause_cpu(self) -> None:
        """What the thread uses from now until `resume_cpu` does not count."""
        self.paused_cpu_ns = thread_cpu_ns(self.tid)

    def resume_cpu(self) -> None:
        """Ends what `pause_cpu` began."""
        now = thread_cpu_ns(self.tid)
        if now is not None and self.paused_cpu_ns is not None:
            self.cpu_ns += now - self.paused_cpu_ns
        self.paused_cpu_ns = None

    def note_run(self, cpu_ns: int | None, forced_ns: int, is_alone: bool) -> None:
        """Remembers for the next tick how this one found the thread.

        `forced_ns` is how long the sampler waited until the GIL was taken by force, else 0; `is_alone`
        tells that no other thread used the CPU meanwhile.
        """
        self.was_running = forced_ns > 0 and (cpu_ns is None or cpu_ns > forced_ns / 2)
        was_kept = forced_ns > _CALL_END_INTERVALS * sys.getswitchinterval() * 1e9
        self.was_at_call_end = was_kept and is_alone and self.was_running


class ThreadLanes:
    """All threads by ident. Idents are used again; a changed OS thread id tells a new thread."""

    def __init__(self, records: Records, main_ident: int, main_tid: int) -> None:
        """Makes the main thread's lane; its CPU time counts from now."""
        self._records = records
        self._main_ident = main_ident
        self._main_tid = main_tid
        self._now_ns = 0
        self.by_ident: dict[int, ThreadLane] = {}
        self._open(main_ident, main_tid, _MAIN_NAME).take_cpu_ns()

    def lane(self, ident: int, active: dict[int, object]) -> ThreadLane:
        """Returns the lane of a thread, made or renamed where needed. `active`: `active_threads`."""
        tid, name = self._describe(ident, active)
        known = self.by_ident.get(ident)
        if known is None:
            return self._open(ident, tid, name)
        if known.tid != tid and known.tid and tid:
            self._records.add(LANE_END, known.lane, self._now_ns)
            return self._open(ident, tid, name)
        if tid and not known.tid:
            known.tid = tid
            known.take_cpu_ns()
        if name != known.name and ident in active:
            known.name = name
            self._records.rename_lane(known.lane, name)
        return known

    def begin(self, ident: int, tid: int, name: str, now_ns: int) -> ThreadLane:
        """Opens the lane of a thread that begins now; one that had the same ident before it has ended."""
        former = self.by_ident.pop(ident, None)
        if former is not None:
            self._records.add(LANE_END, former.lane, now_ns)
        return self._open(ident, tid, name)

    def begin_tick(self, now_ns: int) -> None:
        """Sets the time at which lanes found missing end."""
        self._now_ns = now_ns

    def end_missing(self, frames: dict[int, object]) -> None:
        """Ends the lanes of threads that have no frame any more."""
        if len(self.by_ident) <= len(frames) and self.by_ident.keys() <= frames.keys():
            return
        for ident in [ident for ident in self.by_ident if ident not in frames]:
            self._records.add(LANE_END, self.by_ident.pop(ident).lane, self._now_ns)

    def _describe(self, ident: int, active: dict[int, object]) -> tuple[int, str]:
        thread = active.get(ident)
        is_main = ident == self._main_ident
        if thread is None:
            return (self._main_tid, _MAIN_NAME) if is_main else (0, f"thread {ident}")
        # The private twins of `native_id` and `name`: a subclass may run code behind the public ones.
        tid = self._main_tid if is_main else getattr(thread, "_native_id", None) or 0
        return tid, str(getattr(thread, "_name", ""))

    def _open(self, ident: int, tid: int, name: str) -> ThreadLane:
        number = self._records.lane(THREAD_LANE, None, ident, tid, name)
        lane = self.by_ident[ident] = ThreadLane(number, tid, name)
        return lane


def active_threads() -> dict[int, object]:
    """Returns `threading`'s own table of threads, empty when the program has not imported it."""
    return getattr(sys.modules.get("threading"), "_active", None) or {}
