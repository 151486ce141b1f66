"""Measures the steps of one asyncio event loop from inside, in the loop's own thread.

    select ── popleft ── step ── popleft ── step ── … ── select
              begin_round                               end_round

The loop's queue of ready handles is replaced by a subclass whose `popleft` reads the clock: the end of a
step is the beginning of the next one. So a step has no frame of ours on its stack, and what it raises
passes nobody. The selector's `select` is wrapped: while the loop polls, one frame of ours is on the stack.
The queue is an attribute of asyncio's own loops on every Python from 3.9 to 3.15; uvloop has none.

The CPU clock costs ten times as much as the monotonic one, and is read once per millisecond of steps.
Only what takes 5 ms is kept, everything else is added up per second. What asyncio does between its poll and
the first step counts as polling.
"""

from __future__ import annotations

import sys
from _collections import deque
from _thread import get_ident
from _weakref import ref
from time import monotonic_ns, thread_time_ns

from pyrolens_collect.caller_place import place_outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LONG_NS = 5_000_000
"""Steps, rounds and delays from here on have records of their own."""

_MARK_NS = 1_000_000
_SECOND_NS = 1_000_000_000
_MAX_PENDING = 20_000
_MAX_DELAYS_PER_ROUND = 16
_MAX_BUSY = 1000
_NEVER = 1 << 62

STEP, DELAY, ROUND, SECOND, MISSED = "step", "delay", "round", "second", "missed"
_popleft = deque.popleft
_append = deque.append


class ReadyQueue(deque):
    """A loop's ready handles; tells `clock` when one is taken out to be run."""

    __slots__ = ("clock",)

    def popleft(self) -> object:
        """Returns the next handle: the step before it is over."""
        handle = _popleft(self)
        try:
            clock = self.clock
            now = monotonic_ns()
            if not clock.step_count:
                clock.begin_round(len(self) + 1, now)
            if now >= clock.due_ns:
                clock.note_step(self, now, handle)
            clock.began_ns = now
            clock.handle = handle
            clock.step_count += 1
        except Exception as error:
            self.clock.fail(error)
        return handle

    def clear(self) -> None:
        """Forgets all handles: the loop is being closed."""
        deque.clear(self)
        self.clock.leave()


class PolledQueue(deque):
    """A `ReadyQueue` while its loop polls, once handles were put into it then without waking the loop."""

    __slots__ = ("clock",)

    def append(self, handle: object) -> None:
        """Puts a handle, and tells `clock` of it."""
        _append(self, handle)
        try:
            self.clock.note_put()
        except Exception as error:
            self.clock.fail(error)

    def clear(self) -> None:
        """Forgets all handles: the loop is being closed."""
        deque.clear(self)
        self.clock.leave()


class QuietQueue(deque):
    """What a `ReadyQueue` becomes when nobody measures any more: laid out alike, and as fast as any deque."""

    __slots__ = ("clock",)


class LoopClock:
    """What is measured of one loop. Everything but `take` and `is_off` is for the loop's thread."""

    def __init__(self, loop: object, first_ns: int, on_polled: Callable[[int], None] | None = None) -> None:
        """Call it in a step of the running loop; `first_ns` is now. `on_polled` is called after each poll."""
        self.is_off = False
        self._on_polled = on_polled
        self.failure = ""
        # In the order of time: kind, then its numbers; taken out by the sampler.
        self.pending: deque[tuple[object, ...]] = deque()
        # The step under way, and how many this round has had, and had to run from its beginning.
        self.handle: object = None
        self.began_ns = first_ns
        self.step_count = self.batch = 0
        # Until then nothing is to be noted; 0 while every handle is late.
        self.due_ns = 0
        self._selector: object = None
        self._queue: ReadyQueue | None = None
        # The queue before ours: another thread may be about to put a handle into it.
        self._old_queue: deque[object] | None = None
        self._has_plain_clock = _has_plain_clock(loop)
        # Tells one run of the loop from the next: each makes a number object of its own.
        self._loop = ref(loop)
        self._run = getattr(loop, "_thread_id", None)
        self._round_ns = self._poll_ns = first_ns
        # When that ended which went on at the last look.
        self._left_ns = 0
        # Of those who ask for it: how long tasks ran, by their addresses.
        self._busy_ns: dict[int, int] = {}
        self._taken_ns = first_ns
        self._delay_ns = self._delayed = 0
        self._is_late = False
        # (how many handles were put until then, when) in the round before, and in this one.
        self._puts: list[tuple[int, int]] = []
        self._new_puts: list[tuple[int, int]] = []
        # Whether handles were found after a poll that nobody had woken: from then on puts are watched.
        self._is_put_watched = False
        self._thread = get_ident()
        # Of the first put in this poll: when, by which thread, code and line.
        self._put: tuple[int, int, object, int] | None = None
        self._read_cpu(first_ns)
        self._round_cpu_ns = self._cpu_ns
        self._begin_second(first_ns)

    def enter(self, loop: object) -> None:
        """Takes the loop's queue and selector over. Raises when they are not what asyncio's loops have."""
        queue = loop._ready
        selector = loop._selector
        if isinstance(queue, (ReadyQueue, PolledQueue, QuietQueue)):
            # Left behind by a recording that is over, or by the process that this one was forked from.
            queue.clock = self
            queue.__class__ = ReadyQueue
            self._queue = queue
        elif type(queue) is deque:
            ours = ReadyQueue(queue)
            ours.clock = self
            self._queue = loop._ready = ours
            self._old_queue = queue
            queue.clear()
        else:
            raise TypeError(f"the ready handles are in a {type(queue).__name__}")
        self._selector = selector
        selector.__dict__.pop("select", None)
        selector.select = self._watched(selector.select)

    def leave(self) -> None:
        """Lets go of the loop; asyncio's own code runs alone again."""
        was_off, self.is_off = self.is_off, True
        if not was_off:
            try:
                self._add(self.rest(monotonic_ns()))
            except Exception as error:
                self.failure = f"{type(error).__name__}: {error}"
        self.handle = None
        self.due_ns = _NEVER
        if self._queue is not None:
            self._queue.__class__ = QuietQueue
        if self._selector is not None:
            self._selector.__dict__.pop("select", None)
            self._selector = None

    def take(self) -> list[tuple[object, ...]]:
        """Returns what was measured since the last call. Callable from any thread."""
        return [self.pending.popleft() for _ in range(len(self.pending))]

    def look(self) -> tuple[int, int, bool]:
        """Returns when the loop left what it did at the last look, and began what it does; and if it polls.

        The first is 0 where nothing has changed. Call it in the thread that samples.
        """
        left_ns, self._left_ns = self._left_ns, 0
        # So that the end of what goes on now is noted.
        self.due_ns = 0
        return (left_ns, self.began_ns, False) if self.step_count else (left_ns, self._poll_ns, True)

    def take_busy(self, now: int) -> dict[int, int]:
        """Returns how long each task, by its address, ran since the last call, in steps that took long."""
        busy, self._busy_ns = self._busy_ns, {}
        self._taken_ns = now
        return busy

    def rest(self, now: int) -> tuple[object, ...]:
        """Returns the second that is not over yet, at the end. Callable from any thread.

        A loop that does not run at this moment, `now`, was seen last when it took a handle, or polled.
        """
        if getattr(self._loop(), "_thread_id", None) is None:
            now = max(self.began_ns, self._poll_ns)
        return self._second_record(now, self._second_cpu_ns)

    def begin_round(self, batch: int, now: int) -> None:
        """The loop takes the first of `batch` handles: its poll is over."""
        self._left_ns = self._left_ns or now
        polled = now - self._poll_ns
        self._polled_ns += polled
        # Of the CPU clock only the time of steps counts.
        self._mark_ns += polled
        if self.due_ns:
            self.due_ns += polled
        self.batch = batch
        self._round_ns = now
        self._round_cpu_ns = self._cpu_ns + now - self._mark_ns
        if now >= self._second_due_ns:
            self._end_second(now)

    def note_step(self, queue: ReadyQueue, now: int, handle: object) -> None:
        """A step is over and the next one begins, and there may be something to note."""
        self._left_ns = self._left_ns or now
        if self.step_count:
            self._end_step(now, len(queue) + 1)
        self._is_late = self._is_late or now - self._round_ns >= LONG_NS
        self._delay_ns = 0
        if self._is_late:
            self._note_delay(now, handle)
        self._set_due()

    def fail(self, error: Exception) -> None:
        """Goes, and keeps what went wrong."""
        self.failure = f"{type(error).__name__}: {error}"
        # What was summed up may be what failed.
        self.is_off = True
        self.leave()

    def _watched(self, select: Callable[..., object]) -> Callable[..., object]:
        def watched_select(timeout: float | None = None) -> object:
            if self.is_off:
                self.leave()
                return select(timeout)
            try:
                if self.step_count and self._end_round():
                    timeout = 0
            except Exception as error:
                self.fail(error)
            if self._is_put_watched:
                self._queue.__class__ = PolledQueue
            events = select(timeout)
            if self._queue and timeout != 0 and not self.is_off:
                self._end_sleep(events)
            elif self._is_put_watched:
                self._queue.__class__ = ReadyQueue
            if self._on_polled is not None:
                self._on_polled(self._poll_ns)
            return events

        return watched_select

    def note_put(self) -> None:
        """A handle was put while the loop polls. In the thread that did so."""
        ident = get_ident()
        if self._put is None and ident != self._thread:
            caller = sys._getframe(3)
            if caller.f_code.co_name == "call_soon":
                place = place_outside(caller.f_back, ("asyncio",))
                self._put = (monotonic_ns(), ident, *place)

    def _end_sleep(self, events: object) -> None:
        """The loop has polled, and finds handles that were put meanwhile."""
        try:
            if self._is_put_watched:
                self._queue.__class__ = ReadyQueue
            put, self._put = self._put, None
            if put is not None:
                self._note_missed(*put)
            elif not self._is_put_watched:
                self._is_put_watched = not self._was_woken(events)
        except Exception as error:
            self.fail(error)

    def _note_missed(self, put_ns: int, ident: int, code: object, line: int) -> None:
        duration = monotonic_ns() - put_ns
        if duration >= LONG_NS:
            self._add((MISSED, put_ns, duration, ident, code, line))

    def _was_woken(self, events: object) -> bool:
        """Tells whether the poll ended by the loop's own alarm, as `call_soon_threadsafe` gives it."""
        alarm = getattr(self._loop(), "_ssock", None)
        number = -1 if alarm is None else alarm.fileno()
        return any(key.fd == number for key, _ in events)

    def _end_round(self) -> bool:
        """The loop polls. Returns True when handles were found that it does not know of yet."""
        self._poll_ns = now = monotonic_ns()
        if now >= self.due_ns:
            self._note_round(now)
        self._round_total += 1
        self._step_total += self.step_count
        self.step_count = 0
        self.handle = None
        return bool(self._old_queue) and self._take_old_handles()

    def _take_old_handles(self) -> bool:
        while self._old_queue:
            self._queue.append(self._old_queue.popleft())
        return True

    def _note_round(self, now: int) -> None:
        self._left_ns = self._left_ns or now
        run = getattr(self._loop(), "_thread_id", None)
        duration = 0
        if run is self._run:
            duration = now - self._round_ns
            self._add_round(now, duration)
        else:
            # The loop was stopped and has begun again: nobody knows when the last step was over.
            self._run = run
            self._new_puts = []
            self._read_cpu(now)
        # Timers that became due in a long round, and what it put into the queue, are late in the next one.
        self._is_late = duration >= LONG_NS
        self._puts, self._new_puts = self._new_puts, []
        self._delayed = 0
        self._set_due()

    def _add_round(self, now: int, duration: int) -> None:
        self._most_ready = max(self._most_ready, self.batch)
        self._end_step(now, 0)
        if duration >= LONG_NS:
            cpu = max(self._read_cpu(now) - self._round_cpu_ns, 0)
            facts = (self._round_ns, duration, self.step_count, min(cpu, duration), self._delayed, self.batch)
            self._add((ROUND, *facts))

    def _set_due(self) -> None:
        self.due_ns = 0 if self._is_late else self._mark_ns + _MARK_NS

    def _end_step(self, now: int, queue_length: int) -> None:
        """`queue_length`: with the handle that is to be run now; 0 when there is none."""
        duration = now - self.began_ns
        self._longest_ns = max(self._longest_ns, duration)
        if now - self._mark_ns < _MARK_NS:
            return
        if self._on_polled is not None and duration >= _MARK_NS:
            self._note_busy(now - max(self.began_ns, self._taken_ns))
        before_ns, before_cpu = self._mark_ns, self._cpu_ns
        cpu = self._read_cpu(now)
        if duration >= LONG_NS:
            # The short steps since the last reading are taken to have computed.
            used = cpu - before_cpu - (self.began_ns - before_ns)
            facts = (self.began_ns, duration, min(max(used, 0), duration), self._delay_ns, self.batch)
            self._add((STEP, *facts, *subject(self.handle)))
        put = queue_length - (self.batch - self.step_count) if queue_length else len(self._queue)
        self._new_puts.append((put, now))

    def _note_busy(self, duration: int) -> None:
        _, key, _ = subject(self.handle)
        if len(self._busy_ns) < _MAX_BUSY:
            self._busy_ns[key] = self._busy_ns.get(key, 0) + duration

    def _read_cpu(self, now: int) -> int:
        self._cpu_ns = thread_time_ns()
        self._mark_ns = now
        return self._cpu_ns

    def _note_delay(self, now: int, handle: object) -> None:
        delay = now - self._ready_since(handle)
        self._delay_ns = max(delay, 0)
        if delay < LONG_NS:
            return
        self._delayed += 1
        self._longest_delay_ns = max(self._longest_delay_ns, delay)
        if self._delayed <= _MAX_DELAYS_PER_ROUND:
            self._add((DELAY, now, delay, *subject(handle)))

    def _ready_since(self, handle: object) -> int:
        """Returns since when a handle was in the queue for certain, or its timer due."""
        due = getattr(handle, "_when", None)
        if due is not None and self._has_plain_clock:
            return int(due * 1e9)
        for count, put_ns in self._puts:
            if self.step_count < count:
                return put_ns
        return self._round_ns

    def _begin_second(self, now: int) -> None:
        self._second_ns = now
        self._second_due_ns = now + _SECOND_NS
        self._second_cpu_ns = self._cpu_ns
        self._round_total = self._step_total = 0
        self._polled_ns = self._longest_ns = self._longest_delay_ns = self._most_ready = 0

    def _end_second(self, now: int) -> None:
        self._old_queue = None
        cpu_before = self._second_cpu_ns
        self._round_cpu_ns = self._read_cpu(now)
        self._set_due()
        self._add(self._second_record(now, cpu_before))
        self._begin_second(now)

    def _second_record(self, now: int, cpu_before: int) -> tuple[object, ...]:
        duration = now - self._second_ns
        busy = duration - self._polled_ns
        cpu = max(self._cpu_ns - cpu_before, 0)
        sums = (self._round_total, self._step_total, busy, self._polled_ns, cpu)
        worst = (self._longest_ns, self._longest_delay_ns, self._most_ready)
        return (SECOND, self._second_ns, duration, *sums, *worst)

    def _add(self, record: tuple[object, ...]) -> None:
        if len(self.pending) < _MAX_PENDING:
            self.pending.append(record)


def subject(handle: object) -> tuple[object, int, object]:
    """Returns the task that a handle runs, as weak reference (None: it is none) and address; and its code."""
    callback = getattr(handle, "_callback", None)
    task = getattr(_woken_by(handle, callback), "__self__", None)
    get_coro = getattr(task, "get_coro", None)
    if get_coro is not None:
        coroutine = get_coro()
        code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)
        return ref(task), id(task), code
    while hasattr(callback, "func"):
        callback = callback.func
    return None, 0, getattr(callback, "__code__", None)


def _woken_by(handle: object, callback: object) -> object:
    """Returns what a handle calls in the end: the timer of a sleep sets a future, and that wakes a task."""
    if getattr(callback, "__name__", "") != "_set_result_unless_cancelled":
        return callback
    waiting = getattr(handle._args[0], "_callbacks", None)
    return waiting[0][0] if waiting else callback


def _has_plain_clock(loop: object) -> bool:
    """Tells whether timers count on the clock that we read: tests give loops clocks of their own."""
    return abs(loop.time() * 1e9 - monotonic_ns()) < _SECOND_NS
