"""What one tick of the hooks does: it finds loops and executors, and writes what was measured.

Stacks, CPU times and threads are the observer's; a thread's lane is here only for what happened in it.

Before 3.14 nobody outside can tell where a suspended task waits, so that is sampled here: by the loop itself,
at the end of the poll in which a random moment falls. A moment in the steps between two polls is drawn anew:
right after them, what they have begun would be seen too often. What the loop's clock has measured of long
steps is no time in which their tasks were suspended.
"""

from __future__ import annotations

import sys
import time
from _thread import allocate_lock, get_ident
from time import monotonic_ns

from pyrolens_collect.process_facts import has_unsafe_interpreters
from pyrolens_collect.sampler import Sampler
from pyrolens_collect.stacks import begins_process, runs_loop
from pyrolens_collect.threads import active_threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from pyrolens_collect import stream
    from pyrolens_collect.errors import ErrorLog
    from pyrolens_collect.tasks import TaskSample
    from pyrolens_collect.threads import ThreadLane

_LOOK_NS = 10_000_000
_LONGEST_BLINDNESS_NS = 100_000_000
_LOCK_LIMIT_S = 1.0
# Who wakes up and goes on uses more.
_LITTLE_CPU_NS = 100_000
_OBSERVER_SEES_TASKS = sys.version_info >= (3, 14)


class HookSampler(Sampler):
    """Gathers in one process, for the thread that ticks and for those that run loops."""

    def __init__(self, file: stream.ChunkFile, log: ErrorLog, cwd: str) -> None:
        """Call it in the main thread."""
        super().__init__(file, log, cwd, has_hooks=True)
        self._lock = allocate_lock()
        # When the threads were met last, and where each was.
        self._met_ns = self._base_ns
        self._places: dict[int, tuple[int, int]] = {}
        self._look_due_ns = 0
        self._random = monotonic_ns() & 0x7FFFFFFF
        self._loop_cpu_ns = 0
        if not _OBSERVER_SEES_TASKS:
            self._loops.on_polled = self._look_after_poll

    def tick(self, lateness_ns: int = 0) -> None:
        """Gathers what was measured since the last call, and flushes when it is time."""
        if self._lock.acquire(True, _LOCK_LIMIT_S):
            try:
                super().tick(lateness_ns)
            finally:
                self._lock.release()

    def finish(self, reason: str) -> None:
        """Writes the rest and the end chunk; detaches all."""
        if self._lock.acquire(True, _LOCK_LIMIT_S):
            try:
                super().finish(reason)
            finally:
                self._lock.release()

    def look_again(self) -> None:
        """Nothing is lost when the GIL was away for long: who measures has stamped it."""

    def _sample(self, now: int, lateness_ns: int) -> None:
        if has_unsafe_interpreters():
            self._write_tick(now, 0, b"")
            return
        alive = self._meet_threads(now, lateness_ns)
        # Before threads that have ended lose their lanes.
        self._write_hooked()
        self._write_pauses()
        self._threads.end_missing(alive)
        self._write_tasks(now)

    def _meet_threads(self, now: int, lateness_ns: int) -> dict[int, object]:
        """Gives each thread its lane, and returns the idents of all."""
        frames = sys._current_frames()
        frames.pop(get_ident(), None)
        active = active_threads()
        may_loop = "asyncio.events" in sys.modules
        self._waits.take_notices()
        self._threads.begin_tick(now)
        since, cpu_ns = {}, 0
        for ident, frame in frames.items():
            lane = self._threads.lane(ident, active)
            used_ns = lane.take_cpu_ns() or 0
            cpu_ns += used_ns
            since[lane.lane] = self._met_ns if self._is_still(ident, frame, used_ns) else now
            if may_loop:
                self._meet_loop(ident, lane, frame)
        self._waits.look(since, frames, now)
        alive = dict.fromkeys(frames)
        self._places = {ident: _place(frame) for ident, frame in frames.items()}
        # Frames hold the program's local variables: let go of them before anything else happens.
        frames.clear()
        self._usage.look(self._main_lane, now, now - self._met_ns, (lateness_ns, cpu_ns))
        self._met_ns = now
        return alive

    def _is_still(self, ident: int, frame: FrameType, used_ns: int) -> bool:
        return used_ns < _LITTLE_CPU_NS and self._places.get(ident) == _place(frame)

    def _meet_loop(self, ident: int, lane: ThreadLane, innermost: FrameType) -> None:
        frame = innermost
        while frame is not None and not runs_loop(frame.f_code):
            frame = None if begins_process(frame.f_code) else frame.f_back
        if frame is None or self._tasks is None:
            return
        try:
            self._tasks.running_lane(ident, lane.lane, frame)
        except Exception as error:
            self._task_failed(error)

    def _write_tasks(self, now: int) -> None:
        tasks: list[TaskSample] = []
        if not _OBSERVER_SEES_TASKS:
            tasks = self._task_samples(now)
        elif self._tasks is not None:
            self._tasks.forget_ended(now)
        ages = self._suspended_ages(tasks, now)
        for age in sorted({0, *ages.values()}, reverse=True):
            samples, count = bytearray(), 0
            for lane, _, _, _, sample in tasks:
                if sample and age < ages.get(lane, now):
                    samples += sample
                    count += 1
            self._records.tick(now - age - self._previous_ns, count, samples)
            self._previous_ns = now - age

    def _suspended_ages(self, tasks: list[TaskSample], now: int) -> dict[int, int]:
        """Returns how long those tasks were suspended, by lane, that ran for long since the last look."""
        clocks = {loop: self._loops.clock_of(loop) for loop in {loop for _, _, loop, _, _ in tasks}}
        busy = {loop: clock.take_busy(now) for loop, clock in clocks.items() if clock is not None}
        return {
            lane: max(now - self._previous_ns - busy[loop][key], 0)
            for lane, key, loop, _, _ in tasks
            if key in busy.get(loop, ())
        }

    def _look_after_poll(self, poll_ns: int) -> None:
        """Runs in a loop's thread, when it has polled since `poll_ns`. Never raises, nor waits."""
        now = monotonic_ns()
        if now < self._look_due_ns:
            return
        if self._look_due_ns < poll_ns and now - self._previous_ns < _LONGEST_BLINDNESS_NS:
            self._look_due_ns = now + self._up_to(_LOOK_NS)
            return
        if not self._lock.acquire(False):
            return
        began_cpu = time.thread_time_ns()
        try:
            self._look_due_ns = now + _LOOK_NS // 2 + self._up_to(_LOOK_NS)
            if self.is_open:
                self._write_tasks(now)
        except Exception as error:
            self._task_failed(error)
        finally:
            self._lock.release()
            self._loop_cpu_ns += time.thread_time_ns() - began_cpu

    def _up_to(self, limit_ns: int) -> int:
        self._random = (self._random * 1103515245 + 12345) & 0x7FFFFFFF
        return limit_ns * self._random >> 31

    def _last_samples(self) -> tuple[int, bytearray]:
        """Threads have no samples here."""
        return 0, bytearray()

    def _ending(self, reason: str, now: int) -> dict[str, object]:
        ending = super()._ending(reason, now)
        return {**ending, "samplerCpuNs": self.cpu_ns + self._loop_cpu_ns}


def _place(frame: FrameType) -> tuple[int, int]:
    return id(frame), frame.f_lasti
