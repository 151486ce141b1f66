"""Puts a clock into each asyncio loop that the sampler has seen running, and writes what the clocks tell.

A loop is taken over in its own thread, by a callback: nothing of asyncio is replaced for other loops, and a
program without loops is not touched at all. What goes wrong in a clock ends that clock and is noted.
"""

from __future__ import annotations

import sys
from _weakref import ref
from time import monotonic_ns

from pyrolens_collect.loop_clock import DELAY, MISSED, ROUND, SECOND, STEP, LoopClock
from pyrolens_collect.records import LOOP_DELAY, LOOP_MISSED, LOOP_ROUND, LOOP_SECOND, LOOP_STEP, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyrolens_collect.stacks import Stacks
    from pyrolens_collect.tasks import TaskWatch
    from pyrolens_collect.threads import ThreadLanes

_MAX_LOOPS = 1000


class _HookedLoop:
    """A loop with its clock, once it has one."""

    def __init__(self, loop: object, lane: int, on_polled: Callable[[int], None] | None) -> None:
        self.loop = ref(loop)
        self.key = id(loop)
        self.lane = lane
        self._on_polled = on_polled
        self.clock: LoopClock | None = None
        self.has_ended = False

    def enter(self) -> None:
        """Runs as a callback of the loop. Never raises."""
        loop = self.loop()
        if self.has_ended or loop is None:
            return
        clock = LoopClock(loop, monotonic_ns(), self._on_polled)
        try:
            clock.enter(loop)
            # It works when the loop takes this handle out of our queue.
            loop.call_soon(self._check, clock)
        except Exception as error:
            clock.leave()
            clock.failure = f"{type(error).__name__}: {error}"
        self.clock = clock

    def _check(self, clock: LoopClock) -> None:
        if getattr(clock.handle, "_args", ()) != (clock,):
            clock.leave()
            clock.failure = "the loop does not use its queue of ready handles"


class LoopHooks:
    """The clocks of a process. Used by the sampler's thread."""

    def __init__(self, records: Records, stacks: Stacks, threads: ThreadLanes) -> None:
        """Writes into `records`, with functions numbered by `stacks` and lanes by `threads`."""
        self._records = records
        self._stacks = stacks
        self._threads = threads
        self._loops: dict[int, _HookedLoop] = {}
        self._waiting: list[_HookedLoop] = []
        # By lane: the loop that was seen there last.
        self._seen: dict[int, _HookedLoop] = {}
        self._is_closed = False
        # Called by each loop in its thread at the end of a poll, with its beginning; must not raise.
        self.on_polled: Callable[[int], None] | None = None
        # Sentences: what could not be measured.
        self.failures: list[str] = []

    def see(self, loop: object, lane: int) -> None:
        """A loop was seen running in the thread of this lane."""
        known = self._loops.get(id(loop))
        if known is not None and known.loop() is loop:
            known.lane = lane
            self._seen[lane] = known
            return
        if self._is_closed or len(self._loops) >= _MAX_LOOPS or not _is_asyncio_loop(loop):
            return
        hooked = self._loops[id(loop)] = self._seen[lane] = _HookedLoop(loop, lane, self.on_polled)
        self._waiting.append(hooked)

    def clock_of(self, lane: int) -> LoopClock | None:
        """Returns the clock of the loop that was seen in a lane last, if it has one."""
        hooked = self._seen.get(lane)
        clock = None if hooked is None else hooked.clock
        return None if clock is None or clock.is_off else clock

    def enter_loops(self, after_call: Callable[[], None]) -> None:
        """Asks the loops seen lately to take a clock.

        That wakes them up, which gives the GIL away: hold no frames.
        """
        while self._waiting:
            hooked = self._waiting.pop()
            loop = hooked.loop()
            try:
                if loop is not None:
                    loop.call_soon_threadsafe(hooked.enter)
            except RuntimeError:
                pass  # Closed meanwhile.
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            after_call()

    def write(self, tasks: TaskWatch | None, paused_ns: int) -> None:
        """Writes what the clocks have measured since the last call."""
        for key, hooked in list(self._loops.items()):
            clock = hooked.clock
            if clock is not None:
                self._write_loop(hooked, clock.take(), tasks, paused_ns)
                if clock.failure:
                    self.failures.append(clock.failure)
                    clock.failure = ""
            if hooked.loop() is None:
                del self._loops[key]

    def finish(self, tasks: TaskWatch | None, paused_ns: int) -> None:
        """Writes the rest and lets go of all loops."""
        self.write(tasks, paused_ns)
        now = monotonic_ns()
        for hooked in self._loops.values():
            clock = hooked.clock
            if clock is not None and not clock.is_off:
                self._write_loop(hooked, [clock.rest(now)], tasks, paused_ns)
        self.close()

    def close(self) -> None:
        """Lets go of all loops; each does so in its own thread when it polls next."""
        self._is_closed = True
        for hooked in self._loops.values():
            hooked.has_ended = True
            if hooked.clock is not None:
                hooked.clock.is_off = True
        self._loops.clear()
        self._seen.clear()
        self._waiting.clear()

    def _write_loop(
        self,
        hooked: _HookedLoop,
        measured: list[tuple[object, ...]],
        tasks: TaskWatch | None,
        paused_ns: int,
    ) -> None:
        for kind, start_ns, *numbers in measured:
            start = start_ns - paused_ns
            if kind in (STEP, DELAY):
                *numbers, task, key, code = numbers
                lane = 0
                if tasks is not None and task is not None:
                    lane = tasks.lane_above((hooked.key, hooked.loop()), task, key)
                function = 0 if code is None else self._stacks.function(code) + 1
                numbers += (lane, function)
            elif kind == MISSED:
                duration, ident, code, line = numbers
                function = 0 if code is None else self._stacks.function(code) + 1
                numbers = (duration, self._lane_above(ident), function, line)
            self._records.add(_TAGS[kind], hooked.lane, start, *numbers)

    def _lane_above(self, ident: int) -> int:
        lane = self._threads.by_ident.get(ident)
        return 0 if lane is None else lane.lane + 1


_TAGS = {
    STEP: LOOP_STEP,
    DELAY: LOOP_DELAY,
    ROUND: LOOP_ROUND,
    SECOND: LOOP_SECOND,
    MISSED: LOOP_MISSED,
}


def _is_asyncio_loop(loop: object) -> bool:
    """Tells asyncio's own loops and their subclasses from others, as uvloop's."""
    base = getattr(sys.modules.get("asyncio.base_events"), "BaseEventLoop", None)
    return base is not None and isinstance(loop, base) and hasattr(loop, "_selector")
