"""The sampler: what one tick does, and the chunks the ticks are gathered in.

A sample weighs the time since the previous tick, never an assumed interval: the sampler needs the GIL, so
it comes late while a C call holds it, and counting would make such calls look small.

Each call to the system gives the GIL away, and a program whose calls keep it may go on by a whole call
before it comes back. So after each one that took long there is a look, before the next one is made.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from _thread import get_ident, get_native_id
from time import monotonic_ns

from pyrolens_collect import stream
from pyrolens_collect.errors import ErrorLog
from pyrolens_collect.gc_pauses import GcPauses
from pyrolens_collect.handoff_hooks import HandoffHooks
from pyrolens_collect.interval_parts import IntervalParts, add_sample
from pyrolens_collect.json_text import to_json
from pyrolens_collect.kernel_waits import KernelWaits
from pyrolens_collect.loop_hooks import LoopHooks
from pyrolens_collect.process_facts import has_unsafe_interpreters
from pyrolens_collect.records import GC, Records
from pyrolens_collect.stacks import Stacks
from pyrolens_collect.tasks import TaskWatch
from pyrolens_collect.threads import ThreadLane, ThreadLanes, active_threads
from pyrolens_collect.transitions import Look, Transitions
from pyrolens_collect.usage import ProcessUsage
from pyrolens_collect.wait_hooks import WaitHooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pyrolens_collect.tasks import TaskSample

_FIRST_FLUSH_NS = 100_000_000
_FLUSH_NS = 250_000_000
_FLUSH_BYTES = 1 << 20
_MAX_UNWRITTEN_BYTES = 16 << 20
_MAX_TASK_ERRORS = 5
# A call to the system takes some microseconds; after so many the GIL was another thread's.
_LONG_AWAY_NS = 1_000_000


class Sampler:
    """Records one process. Not safe to call from two threads at a time: its owner holds a lock."""

    def __init__(
        self, file: stream.ChunkFile, log: ErrorLog, cwd: str, paused_ns: int = 0, has_hooks: bool = False
    ) -> None:
        """Call it in the main thread: that thread's lane starts now.

        `paused_ns` is how long the processes before this one have not recorded; `has_hooks`: event loops are
        measured from inside.
        """
        self._file = file
        self._log = log
        self._records = Records()
        self._stacks = Stacks(self._records, cwd)
        self._threads = ThreadLanes(self._records, get_ident(), get_native_id())
        self._loops = LoopHooks(self._records, self._stacks, self._threads) if has_hooks else None
        self._main_lane = self._threads.by_ident[get_ident()].lane
        self._waits = WaitHooks(self._records, self._stacks, self._threads) if has_hooks else None
        self._usage = ProcessUsage(self._records) if has_hooks else None
        self._hooks: list[LoopHooks | HandoffHooks | WaitHooks] = []
        if self._loops is not None and self._waits is not None:
            handoffs = HandoffHooks(self._records, self._stacks, self._threads)
            self._hooks = [self._loops, handoffs, self._waits]
        self._tasks: TaskWatch | None = TaskWatch(self._records, self._stacks, self._loops)
        self._task_error_count = 0
        self._kernel = KernelWaits(self._records, log, self.look_again)
        self._pauses = GcPauses()
        self._transitions = Transitions()
        self._base_ns = self._previous_ns = monotonic_ns()
        self._flush_due_ns = self._base_ns + _FIRST_FLUSH_NS
        self._look_count = 0
        # When this thread last had the GIL for certain.
        self._kept_ns = self._base_ns
        # How long recording was paused in all, here and in the processes that led to this one: stamps are
        # written less that, as if the clock had stood still.
        self._paused_ns = paused_ns
        self._paused_at_ns = 0
        # What else the end chunk says.
        self.ending_facts: dict[str, object] = {}
        self.is_open = True
        self.max_lateness_ns = 0
        self.cpu_ns = 0

    def attach(self) -> None:
        """Starts listening for what happens between ticks."""
        self._pauses.attach()

    def forget_past(self) -> None:
        """Lets the CPU time of all threads count from now: the program ran before it was looked at."""
        active = active_threads()
        for ident in sys._current_frames():
            self._threads.lane(ident, active).take_cpu_ns()

    def tick(self, lateness_ns: int = 0) -> None:
        """Looks at all threads but the calling one, and flushes when it is time.

        `lateness_ns`: how much later than planned the caller got to run.
        """
        self._look_at_all(monotonic_ns(), lateness_ns)
        self._stacks.describe_files(self.look_again)
        if self._loops is not None:
            self._loops.enter_loops(self.look_again)
        self._kernel.read_due(self._paused_ns)
        if self._usage is not None:
            self._usage.look_at_limit(self._main_lane, self.look_again)
        self._stacks.forget_if_full()
        if self._kept_ns >= self._flush_due_ns or len(self._records) > _FLUSH_BYTES:
            self._flush(self.look_again)

    def look_again(self) -> None:
        """Looks if the GIL was away for long: call it in the sampling thread after a call to the system."""
        now = monotonic_ns()
        away_ns = now - self._kept_ns
        if away_ns > _LONG_AWAY_NS:
            self._look_at_all(now, away_ns)
        else:
            self._kept_ns = now

    def pause(self) -> None:
        """Leaves out what happens until `resume`. Call both while nobody ticks."""
        self._paused_at_ns = monotonic_ns()
        for lane in self._threads.by_ident.values():
            lane.pause_cpu()
        self._pauses.detach()
        self._write_pauses()

    def resume(self) -> int:
        """Goes on where `pause` left off, in the midst of a tick's time; returns the time left out so far."""
        self._pauses.attach()
        for lane in self._threads.by_ident.values():
            lane.resume_cpu()
        away_ns = monotonic_ns() - self._paused_at_ns
        self._paused_ns += away_ns
        self._base_ns += away_ns
        self._previous_ns += away_ns
        self._flush_due_ns += away_ns
        self._kept_ns = monotonic_ns()
        if self._tasks is not None:
            self._tasks.paused_ns = self._paused_ns
        return self._paused_ns

    def finish(self, reason: str) -> None:
        """Writes a last tick that repeats the known stacks, and the end chunk; detaches all.

        Callable from any thread; the second call does nothing.
        """
        if not self.is_open:
            return
        now = monotonic_ns()
        count, samples = self._last_samples()
        self._write_hooked(is_end=True)
        self._write_tick(now, count, samples)
        self._flush()
        if self.is_open:
            self._append(stream.END, to_json(self._ending(reason, now)).encode())
        self.close()

    def _last_samples(self) -> tuple[int, bytearray]:
        samples = bytearray()
        for lane in self._threads.by_ident.values():
            add_sample(samples, lane.lane, (lane.stack, None), lane.take_cpu_ns())
        return len(self._threads.by_ident), samples

    def close(self) -> None:
        """Stops without writing."""
        self.is_open = False
        self._pauses.detach()
        for hooks in self._hooks:
            hooks.close()

    def _look_at_all(self, now: int, lateness_ns: int) -> None:
        self.max_lateness_ns = max(self.max_lateness_ns, lateness_ns)
        self._look_count += 1
        was_enabled = gc.isenabled()
        if was_enabled:
            # A collection that our allocations set off would run the program's finalizers in our
            # thread, which some of them (Tk, SQLite) do not survive. The GIL is ours meanwhile.
            gc.disable()
        try:
            self._sample(now, lateness_ns)
        finally:
            if was_enabled:
                gc.enable()
        self._kept_ns = monotonic_ns()

    def _sample(self, now: int, lateness_ns: int) -> None:
        if has_unsafe_interpreters():
            self._write_tick(now, 0, b"")
            return
        frames = sys._current_frames()
        frames.pop(get_ident(), None)
        active = active_threads()
        if self._waits is not None:
            self._waits.take_notices()
        self._threads.begin_tick(now - self._paused_ns)
        looks = []
        for ident, frame in frames.items():
            lane = self._threads.lane(ident, active)
            looks.append(self._look(ident, lane, frame, now))
        if self._waits is not None:
            since = {look.lane.lane: self._previous_ns if look.is_still() else now for look in looks}
            self._waits.look(since, frames, now)
        alive = dict.fromkeys(frames)
        # Frames hold the program's local variables: let go of them before anything else happens.
        frames.clear()
        weight = now - self._previous_ns
        ages = self._transitions.settle(looks, lateness_ns, weight)
        self._kernel.note(looks, weight, now)
        if self._usage is not None:
            cpu_ns = sum(look.cpu_ns or 0 for look in looks)
            self._usage.look(self._main_lane, now - self._paused_ns, weight, (lateness_ns, cpu_ns))
        # Before tasks and threads that have ended lose their lanes.
        self._write_hooked()
        self._write_pauses()
        self._threads.end_missing(alive)
        tasks = self._task_samples(now)
        parts = IntervalParts(looks, tasks, ages, weight)
        for age in parts.ages:
            end = now - age
            self._write_tick(end, *parts.samples(age, end - self._previous_ns))

    def _look(self, ident: int, lane: ThreadLane, frame: FrameType, now: int) -> Look:
        look = Look(lane, lane.take_cpu_ns())
        path = self._stacks.walk(frame)
        if path != lane.path:
            lane.path = path
            lane.stack = self._stacks.stack(reversed(path))
        lane.task = self._running_task(ident, lane, frame)
        clock = None if self._loops is None else self._loops.clock_of(lane.lane)
        if clock is not None:
            left_ns, turned_ns, is_polling = clock.look()
            if left_ns:
                look.note_turn(now - left_ns, now - turned_ns, is_polling)
        look.is_at_entry = bool(path) and path[0] in self._stacks.entry_locations
        look.finish()
        return look

    def _running_task(self, ident: int, lane: ThreadLane, frame: FrameType) -> int | None:
        loops = self._stacks.loop_locations
        if not loops or self._tasks is None or loops.isdisjoint(lane.path):
            return None
        try:
            return self._tasks.running_lane(ident, lane.lane, frame)
        except Exception as error:
            self._task_failed(error)
            return None

    def _task_samples(self, now: int) -> list[TaskSample]:
        if self._tasks is None:
            return []
        try:
            return self._tasks.samples(now)
        except Exception as error:
            self._task_failed(error)
            return []

    def _write_hooked(self, is_end: bool = False) -> None:
        for hooks in list(self._hooks):
            try:
                (hooks.finish if is_end else hooks.write)(self._tasks, self._paused_ns)
            except Exception as error:
                self._log.write_exception("writing what was measured from inside", error)
                hooks.failures.append(f"{type(error).__name__}: {error}")
                hooks.close()
                self._hooks.remove(hooks)
            self._note_failures(hooks.failures)

    def _note_failures(self, failures: list[str]) -> None:
        """A hook that ends is a fact of the run, not only of the log."""
        for failure in failures:
            self._log.write(f"not measured from inside: {failure}")
            self.ending_facts["hookFailure"] = failure
        failures.clear()

    def _task_failed(self, error: Exception) -> None:
        """The program may change its tasks while they are looked at; only repeated failure is one."""
        self._task_error_count += 1
        self._log.write_exception("looking at asyncio tasks", error)
        if self._task_error_count >= _MAX_TASK_ERRORS:
            self._tasks = None

    def _write_tick(self, now: int, count: int, samples: bytes | bytearray) -> None:
        self._write_pauses()
        self._records.tick(now - self._previous_ns, count, samples)
        self._previous_ns = now

    def _write_pauses(self) -> None:
        for started, duration, generation, collected, ident in self._pauses.fetch():
            lane = self._threads.by_ident.get(ident)
            above = 0 if lane is None else lane.lane + 1
            self._records.add(GC, started - self._paused_ns, duration, generation, collected, above)

    def _flush(self, *after_call: Callable[[], None]) -> None:
        base_ns = self._base_ns - self._paused_ns
        payload = base_ns.to_bytes(8, "little") + self._records.take()
        self._base_ns = self._previous_ns
        self._flush_due_ns = self._base_ns + _FLUSH_NS
        self._append(stream.DATA, payload, *after_call)

    def _append(self, kind: int, payload: bytes, *after_call: Callable[[], None]) -> None:
        try:
            self._file.append(kind, payload, *after_call)
        except OSError as error:
            self._log.write(f"recording ends: {error}")
            self.close()

    def _ending(self, reason: str, now: int) -> dict[str, object]:
        return {
            **self.ending_facts,
            "reason": reason,
            "monotonicNs": now - self._paused_ns,
            "epochNs": time.time_ns(),
            "lookCount": self._look_count,
            "samplerCpuNs": self.cpu_ns,
            "maxLatenessNs": self.max_lateness_ns,
            "tasksLeftOut": 0 if self._tasks is None else self._tasks.most_left_out,
        }


def sampler_file(run_dir: str, meta: dict[str, object], prefix: str) -> stream.ChunkFile:
    """Returns the stream file of this process in the run folder; `meta` is its first chunk."""
    pid, start = meta["pid"], meta["monotonicNs"]
    path = os.path.join(run_dir, f"{prefix}-{pid}-{start:x}.chunks")
    return stream.ChunkFile(path, pid, to_json(meta).encode())
