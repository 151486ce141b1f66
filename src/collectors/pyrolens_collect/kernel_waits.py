"""Asks the kernel why threads wait (Linux): in which system call, for what, and how full its queues are.

A thread may read `/proc/self/task/TID/syscall` of all threads of its own process. That costs some
microseconds and the GIL for a moment, so a thread is asked about only where it waited for several ticks, then
ever more seldom while nothing changes. What fails again and again ends the asking, never the sampling.
"""

from __future__ import annotations

import errno
import os
import sys
from time import monotonic_ns

from pyrolens_collect.descriptors import Descriptor, Descriptors
from pyrolens_collect.records import KERNEL_WAIT, RESOURCE, Records
from pyrolens_collect.stream import is_passing
from pyrolens_collect.wait_codes import FILE as FILE_KIND
from pyrolens_collect.wait_codes import (
    NEITHER,
    OTHER,
    PIPE,
    READ,
    REASONS,
    SIZED,
    SYNCING,
    TCP,
    TERMINAL,
    UDP,
    UNIX,
    WRITE,
    architecture,
    kinds_by_number,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyrolens_collect.errors import ErrorLog
    from pyrolens_collect.threads import ThreadLane
    from pyrolens_collect.transitions import Look

    Asked = tuple[ThreadLane, "_Place", bool]

VARIABLE = "PYROLENS_KERNEL_WAITS"

_FIRST_TICKS = 3
_SHORTEST_PAUSE_NS, _LONGEST_PAUSE_NS = 50_000_000, 2_000_000_000
# So much longer is each pause while nothing changes; who moves no data has no queue to look at.
_LONGER, _MUCH_LONGER = 2, 4
# Who used less than this part of an interval waited in it.
_BUSY_SHARE = 0.1
_MAX_READS_PER_TICK = 2
_MAX_PLACES = 5_000
_MAX_FAILURES = 5
_MAX_RESOURCES = 5_000
# `FUTEX_PRIVATE_FLAG`: the lock belongs to one process (futex(2)).
_PRIVATE_FLAG = 128
# `struct pollfd`: descriptor (4 bytes), events asked for (2), events that came (2). `POLLOUT` is 4.
_POLL_ENTRY_BYTES, _POLL_OUT, _MAX_POLLED = 8, 4, 8
_FIXED = {
    "sleep": "timer.sleep",
    "poll": "io.poll",
    "disk": "io.disk",
    "child": "proc.wait",
    "sharedLock": "sync.mp",
}
_DIRECTIONS = {"read": READ, "socketRead": READ, "network": READ, "write": WRITE, "socketWrite": WRITE}
_GONE = (errno.ENOENT, errno.ESRCH)


class _Place:
    """A stack at which a thread waits."""

    __slots__ = ("due_ns", "factor", "pause_ns", "tick_count")

    def __init__(self) -> None:
        self.tick_count = 0
        self.due_ns = 0
        self.pause_ns = _SHORTEST_PAUSE_NS
        self.factor = _LONGER


class _Wait:
    """What the kernel said of one thread."""

    __slots__ = ("asked", "at_ns", "direction", "queues", "reason", "resource", "stack")

    def __init__(self, reason: str) -> None:
        self.at_ns = 0
        self.stack = 0
        self.reason = reason
        self.direction = NEITHER
        self.resource = 0
        self.asked: int | None = None
        self.queues: tuple[int | None, int | None, int | None] = (None, None, None)


class KernelWaits:
    """Used by the sampler's thread: `note` in each tick, `read_due` after it."""

    def __init__(self, records: Records, log: ErrorLog, after_call: Callable[[], None]) -> None:
        """`after_call` is called after each call to the system."""
        self._records = records
        self._log = log
        self._after_call = after_call
        self._descriptors = Descriptors(after_call)
        self._column = architecture()
        self._kinds = {} if self._column is None else kinds_by_number(self._column)
        self._places: dict[int, _Place] = {}
        self._due: list[Asked] = []
        # What was read since the last tick: it counts when the thread is found where it was before.
        self._read: dict[ThreadLane, _Wait] = {}
        self._resources: dict[str, int] = {}
        self._resource_count = 0
        self._failure_count = 0
        self._is_on = self._column is not None and os.environ.get(VARIABLE) != "0"

    def note(self, looks: list[Look], weight_ns: int, now: int) -> None:
        """Takes a tick's looks into account: who waits where, and is to be asked about."""
        if not self._is_on:
            return
        busy_ns = weight_ns * _BUSY_SHARE
        if self._read:
            self._write_confirmed(looks)
        for look in looks:
            cpu_ns = look.cpu_ns
            if look.is_changed or cpu_ns is None or cpu_ns > busy_ns or not look.lane.tid:
                continue
            key = look.lane.lane << 32 | look.lane.stack
            place = self._places.get(key)
            if place is None:
                place = self._place(key)
            place.tick_count += 1
            if cpu_ns and place.pause_ns > _SHORTEST_PAUSE_NS:
                # It woke up meanwhile: this is another wait.
                place.pause_ns, place.due_ns = _SHORTEST_PAUSE_NS, now
            is_due = place.tick_count >= _FIRST_TICKS and now >= place.due_ns
            if is_due and len(self._due) < _MAX_READS_PER_TICK:
                self._take(look, place, weight_ns, now)

    def read_due(self, paused_ns: int) -> None:
        """Asks about those that are due, and writes what the kernel says."""
        due, self._due = self._due, []
        for lane, place, is_still in due:
            try:
                self._ask(lane, place, is_still, paused_ns)
            except Exception as error:
                self._failed(error)
            if not self._is_on:
                return

    def _place(self, key: int) -> _Place:
        if len(self._places) >= _MAX_PLACES:
            self._places.clear()
        place = self._places[key] = _Place()
        return place

    def _take(self, look: Look, place: _Place, weight_ns: int, now: int) -> None:
        # Who waits for the GIL wakes up once per switch interval to ask for it, and uses the CPU for that.
        is_still = look.cpu_ns == 0 and weight_ns > 2e9 * sys.getswitchinterval()
        place.tick_count = 0
        place.due_ns = now + place.pause_ns
        # While nothing changes there is little to learn, and idle threads are many.
        longer_ns = min(place.pause_ns * place.factor, _LONGEST_PAUSE_NS)
        place.pause_ns = longer_ns if is_still else _SHORTEST_PAUSE_NS
        self._due.append((look.lane, place, is_still))

    def _failed(self, error: Exception) -> None:
        """Single failures are of threads and descriptors that have just gone; lasting ones end the asking."""
        if isinstance(error, OSError) and is_passing(error):
            return
        self._failure_count += 1
        is_lasting = isinstance(error, OSError) and error.errno in (errno.EPERM, errno.EACCES)
        if is_lasting or self._failure_count >= _MAX_FAILURES:
            self._is_on = False
            self._log.write(f"why threads wait is not asked any more: {type(error).__name__}: {error}")

    def _ask(self, lane: ThreadLane, place: _Place, is_still: bool, paused_ns: int) -> None:
        stack = lane.stack
        words = self._call_words(lane.tid)
        if words is None:
            return
        at_ns = monotonic_ns() - paused_ns
        wait = self._wait_of(lane.tid, words, is_still)
        self._failure_count = 0
        if wait is None:
            place.pause_ns = _SHORTEST_PAUSE_NS
            place.due_ns = monotonic_ns() + _SHORTEST_PAUSE_NS
            return
        wait.at_ns, wait.stack = at_ns, stack
        place.factor = _MUCH_LONGER if wait.direction == NEITHER else _LONGER
        if wait.direction == WRITE:
            # How full the queue is over time is of interest.
            place.pause_ns = _SHORTEST_PAUSE_NS
        self._read[lane] = wait

    def _write_confirmed(self, looks: list[Look]) -> None:
        """Takes what was said of threads that are where they were before the kernel was asked.

        The program went on meanwhile: of the others nobody knows where they waited.
        """
        read, self._read = self._read, {}
        for look in looks:
            wait = read.get(look.lane)
            if wait is None or look.is_changed or look.lane.stack != wait.stack:
                continue
            head = (look.lane.lane, wait.at_ns, wait.stack, REASONS.index(wait.reason))
            amounts = (_above(amount) for amount in (wait.asked, *wait.queues))
            self._records.add(KERNEL_WAIT, *head, wait.direction, wait.resource, *amounts)

    def _call_words(self, tid: int) -> list[int] | None:
        """Returns number and arguments of the call that a thread is blocked in; None when it runs."""
        descriptor = os.open(f"/proc/self/task/{tid}/syscall", os.O_RDONLY)
        try:
            text = os.read(descriptor, 256)
        finally:
            os.close(descriptor)
        self._after_call()
        if text.startswith(b"r") or not text:
            return None
        return [int(word, 0) for word in text.split()]

    def _wait_of(self, tid: int, words: list[int], is_still: bool) -> _Wait | None:
        number, arguments = words[0], words[1:]
        kind = self._kinds.get(number)
        if kind is None:
            return None
        if kind == "futex":
            is_private = arguments[1] & _PRIVATE_FLAG
            return _Wait("sync.mp") if not is_private else _Wait("sync.lock") if is_still else None
        if kind == "select":
            # Up to Python 3.10 `time.sleep` selects from nothing.
            return _Wait("timer.sleep" if arguments[0] == 0 else "io.poll")
        if kind == "pollArray":
            return self._polled(tid, arguments)
        if kind in _FIXED:
            wait = _Wait(_FIXED[kind])
            if number in SYNCING[self._column]:
                self._fill(wait, tid, arguments[0], WRITE)
            return wait
        wait = _Wait("unknown")
        if number in SIZED[self._column]:
            wait.asked = arguments[2]
        return wait if self._fill(wait, tid, arguments[0], _DIRECTIONS[kind]) else None

    def _polled(self, tid: int, arguments: list[int]) -> _Wait | None:
        """A socket with a timeout, and who reads the output of a child, wait in poll(2)."""
        address, count = arguments[:2]
        if count == 0:
            return _Wait("timer.sleep")
        wait = _Wait("io.poll")
        if count > _MAX_POLLED:
            return wait
        descriptor = os.open("/proc/self/mem", os.O_RDONLY)
        try:
            entries = os.pread(descriptor, count * _POLL_ENTRY_BYTES, address)
        finally:
            os.close(descriptor)
        self._after_call()
        numbers = [
            int.from_bytes(entries[at : at + 4], sys.byteorder)
            for at in range(0, len(entries), _POLL_ENTRY_BYTES)
        ]
        direction = WRITE if int.from_bytes(entries[4:6], sys.byteorder) & _POLL_OUT else READ
        if count > 1 and not self._are_pipes(tid, numbers):
            return wait
        return wait if self._fill(wait, tid, numbers[0], direction) else None

    def _are_pipes(self, tid: int, numbers: list[int]) -> bool:
        """Tells whether threads poll nothing but pipes: what they then read is of one kind."""
        found = (self._descriptors.at(tid, number) for number in numbers)
        return all(known is not None and known[1].kind == PIPE for known in found)

    def _fill(self, wait: _Wait, tid: int, number: int, direction: int) -> bool:
        """Adds what the descriptor tells; False when it was closed meanwhile, or may not be looked up now."""
        try:
            found = self._descriptors.at(tid, number)
        except OSError as error:
            if error.errno in _GONE:
                return False
            raise
        if found is None:
            return False
        link, descriptor = found
        wait.direction = direction
        wait.resource = self._resource(link, descriptor)
        wait.reason = _transfer_reason(descriptor.kind, direction) or wait.reason
        wait.queues = self._descriptors.queues(number, descriptor.kind)
        return True

    def _resource(self, link: str, descriptor: Descriptor) -> int:
        """Returns the number of a resource, from 1, defining it when it is new."""
        known = self._resources.get(link)
        if known is not None:
            return known
        if len(self._resources) >= _MAX_RESOURCES:
            self._resources.clear()
        self._resource_count += 1
        number = self._resources[link] = self._resource_count
        name = self._records.string(descriptor.name)
        self._records.add(RESOURCE, number - 1, descriptor.kind, name, _above(descriptor.capacity))
        return number


def _transfer_reason(kind: int, direction: int) -> str | None:
    if kind in (PIPE, UNIX):
        return "ipc.pipe.write" if direction == WRITE else "ipc.pipe.read"
    return {TCP: "io.net", UDP: "io.net", FILE_KIND: "io.disk", TERMINAL: "io.tty", OTHER: None}.get(kind)


def _above(amount: int | None) -> int:
    return 0 if amount is None else amount + 1
