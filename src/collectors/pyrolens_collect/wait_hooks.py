"""Says of threads that wait for a lock or a signal: for which one, who has it, and who ended the wait.

Plain locks cannot be wrapped without the program noticing (their class is final, and compared, and built
into conditions), so nothing is wrapped. The sampler reads from a thread's instruction and its variables which
taken lock it stands at, and looks which thread stands inside of a `with` on the same object, or between its
`acquire` and `release`; a reentrant lock tells its owner. That costs nothing while nobody waits. Conditions
tell by their waiters (`waiters.py`).

What a look finds that cannot be read any more is left out. What fails ends the watch, and is noted.
"""

from __future__ import annotations

import os
import sys
from _collections import deque

from pyrolens_collect.lock_objects import SHARED, is_taken, kind_of, name_of, owner_of, shared_name
from pyrolens_collect.lock_places import LockPlaces
from pyrolens_collect.records import WAIT, Records
from pyrolens_collect.stacks import begins_process
from pyrolens_collect.static_values import NOTHING, local_value, static_attribute, value_of
from pyrolens_collect.waiters import WatchedWaiters, let_go, watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    from pyrolens_collect.lock_places import Expression, LockPlace
    from pyrolens_collect.stacks import Stacks
    from pyrolens_collect.tasks import TaskWatch
    from pyrolens_collect.threads import ThreadLanes

    # Lane + 1 (0: nobody known), and where.
    Holder = tuple[int, tuple["CodeType | None", int]]

SIGNAL, JOIN, HOLDS = 3, 4, 5
"""Kinds of records, behind those of locks: what ended a wait, whose end is awaited, who has a shared lock."""

_MAX_LOCATIONS = 100_000
_JOINS = ("join", "_wait_for_tstate_lock", "_join_os_thread")
# In the standard library, of conditions, locks and threads.
_SIGNAL_NAMES = {"wait", "__enter__", *_JOINS}
_OWN_FOLDER = os.path.dirname(__file__)
_NOBODY: Holder = (0, (None, 0))


class _Wait:
    """A thread that stands at one lock or signal."""

    __slots__ = ("frame_key", "holder", "kind", "last_ns", "name", "number", "start_ns", "waiter", "waiters")

    def __init__(self, kind: int, subject: object, name: str, start_ns: int) -> None:
        self.kind = kind
        self.number = id(subject) >> 4
        self.name = name
        self.start_ns = self.last_ns = start_ns
        self.holder = _NOBODY
        # Of a condition: the frame that waits, its own lock, and the deque with that.
        self.frame_key = 0
        self.waiter: object = None
        self.waiters: object = None


class WaitHooks:
    """The waits of a process. Used by the sampler's thread."""

    def __init__(self, records: Records, stacks: Stacks, threads: ThreadLanes) -> None:
        """Writes into `records`, with functions numbered by `stacks` and lanes by `threads`."""
        self._records = records
        self._stacks = stacks
        self._threads = threads
        self._places: LockPlaces | None = None
        # Locations in functions that enter locks or wait for signals, and those inside of a lock: elsewhere a
        # look is over at once.
        self._locations: set[int] = set()
        self._inside: set[int] = set()
        stacks.new_locations = []
        self._waits: dict[int, _Wait] = {}
        self._holds: dict[int, _Wait] = {}
        self._notices: deque[object] = deque()
        self._ended: list[tuple[int, _Wait]] = []
        # When lanes were notified last: what they wait for next began after it.
        self._noticed: dict[int, int] = {}
        self._is_off = False
        self.failures: list[str] = []

    def look(self, since: dict[int, int], frames: dict[int, FrameType], now_ns: int) -> None:
        """Looks at the threads: `since` says of each lane since when it has not moved, `now_ns` when it has.

        `frames` are those of all threads but this one. Never raises.
        """
        if self._is_off:
            return
        try:
            self._look(since, frames, now_ns)
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")
            self.close()

    def take_notices(self) -> None:
        """Call it before the lanes of threads that have ended may go to others."""
        for _ in range(len(self._notices)):
            self._take_notice(self._notices.popleft())

    def write(self, tasks: TaskWatch | None, paused_ns: int) -> None:
        """Writes the waits that have ended since the last call."""
        for lane, wait in self._ended:
            self._write_wait(lane, wait, paused_ns)
        self._ended.clear()

    def finish(self, tasks: TaskWatch | None, paused_ns: int) -> None:
        """Writes what is known of the waits that last, and ends."""
        self.take_notices()
        self._end_moved({}, 0)
        self.write(tasks, paused_ns)
        self.close()

    def close(self) -> None:
        """Watches no more."""
        self._is_off = True
        for wait in self._waits.values():
            if wait.waiters is not None:
                let_go(wait.waiters)
        self._waits.clear()
        self._holds.clear()

    def _look(self, since: dict[int, int], frames: dict[int, FrameType], now_ns: int) -> None:
        self._end_moved(since, now_ns)
        self._read_locations()
        wanted: dict[int, object] = {}
        threading = sys.modules.get("threading")
        for ident, frame in frames.items():
            lane = self._threads.by_ident.get(ident)
            if lane is None or lane.lane not in since or (lane.path and lane.path[0] not in self._locations):
                continue
            times = (max(since[lane.lane], self._noticed.pop(lane.lane, 0)), now_ns)
            if threading is not None and frame.f_code.co_filename == threading.__file__:
                self._look_at_signal(lane.lane, frame, threading, times)
            else:
                self._look_at_lock(lane.lane, frame, wanted, times)
        if wanted or "multiprocessing.synchronize" in sys.modules:
            self._find_holders(wanted, frames, since, now_ns)

    def _read_locations(self) -> None:
        """Chooses among the locations that are new."""
        new = self._stacks.new_locations
        if len(self._locations) > _MAX_LOCATIONS:
            self._locations.clear()
            self._inside.clear()
        while new:
            location, code, offset = new.pop()
            places = self._places_of(code)
            if places or code.co_name in _SIGNAL_NAMES:
                self._locations.add(location)
            if any(place.is_held_at(offset) for place in places):
                self._inside.add(location)

    def _look_at_lock(
        self, lane: int, frame: FrameType, wanted: dict[int, object], times: tuple[int, int]
    ) -> None:
        found = self._lock_entered(frame)
        if found is None:
            return
        lock, expression, owner = found
        kind = kind_of(lock)
        if kind is None or not is_taken(lock):
            return
        wait = self._waits.get(lane)
        if wait is None or wait.number != id(lock) >> 4:
            self._end(lane)
            name = name_of(frame, expression, owner) if expression is not None else ""
            wait = self._waits[lane] = _Wait(kind, lock, shared_name(lock) or name, times[0])
        wait.last_ns = times[1]
        wanted[id(lock)] = lock

    def _lock_entered(self, frame: FrameType) -> tuple[object, Expression | None, object] | None:
        """Returns the lock at which a frame stands, what it is called there, and what that was taken from."""
        code = frame.f_code
        if code.co_filename.startswith(_OWN_FOLDER):
            return None
        if code.co_name == "__enter__" and code.co_filename.endswith("synchronize.py"):
            return local_value(frame, "self"), None, NOTHING
        for place in self._places_of(code):
            if place.offset == frame.f_lasti:
                value, owner = value_of(frame, place.expression)
                return _lock_of(value), place.expression, owner
        return None

    def _look_at_signal(self, lane: int, frame: FrameType, threading: object, times: tuple[int, int]) -> None:
        since_ns, now_ns = times
        known = self._waits.get(lane)
        if known is not None and known.frame_key == id(frame) and _is_watched(known):
            known.last_ns = now_ns
            return
        code = frame.f_code
        if code is threading.Condition.wait.__code__:
            wait = self._watched_wait(frame, since_ns)
        elif code.co_name in _JOINS:
            thread = local_value(frame, "self")
            wait = _Wait(JOIN, thread, "", since_ns)
            ident = static_attribute(thread, "_ident")
            wait.holder = (self._lane_above(ident), (None, 0))
        else:
            return
        self._end(lane)
        if wait is not None:
            wait.frame_key = id(frame)
            wait.last_ns = now_ns
            self._waits[lane] = wait

    def _watched_wait(self, frame: FrameType, since_ns: int) -> _Wait | None:
        condition, waiter = local_value(frame, "self"), local_value(frame, "waiter")
        waiters = NOTHING if waiter is NOTHING else watch(condition, self._notices)
        if waiters is NOTHING or waiters is None:
            return None
        wait = _Wait(SIGNAL, condition, _awaited_name(frame.f_back), since_ns)
        wait.waiter, wait.waiters = waiter, waiters
        return wait

    def _find_holders(
        self,
        wanted: dict[int, object],
        frames: dict[int, FrameType],
        since: dict[int, int],
        now_ns: int,
    ) -> None:
        """Looks who stands inside of the wanted locks, and of any that processes share."""
        owners = {key: self._lane_above(owner_of(lock)) for key, lock in wanted.items()}
        holders: dict[int, Holder] = {key: (lane, (None, 0)) for key, lane in owners.items()}
        for ident, frame in frames.items():
            lane = self._threads.by_ident.get(ident)
            if lane is None or (lane.path and self._inside.isdisjoint(lane.path)):
                continue
            hold = self._holds.get(lane.lane)
            if hold is not None and not wanted and since.get(lane.lane, now_ns) != now_ns:
                hold.last_ns = now_ns
                continue
            for lock, place in self._locks_held(lane.path, frame):
                key = id(lock)
                holder = (lane.lane + 1, place)
                if key in wanted and owners[key] in (0, holder[0]):
                    holders[key] = holder
                if kind_of(lock) == SHARED:
                    self._note_hold(lock, holder, (since.get(lane.lane, now_ns), now_ns))
        for lane, wait in list(self._waits.items()):
            for key, holder in holders.items():
                if wait.number == key >> 4 and wait.last_ns == now_ns:
                    self._set_holder(lane, wait, holder, since.get(lane, now_ns))

    def _locks_held(
        self, path: list[int], frame: FrameType | None
    ) -> Iterator[tuple[object, tuple[CodeType, int]]]:
        """Gives the locks inside of which a stack stands; `path` has its locations where they are known."""
        known = iter(path)
        while frame is not None:
            location = next(known, None)
            if location is None or location in self._inside:
                for place in self._places_of(frame.f_code):
                    if place.is_held_at(frame.f_lasti):
                        value, _ = value_of(frame, place.expression)
                        yield _lock_of(value), (frame.f_code, _line_at(frame.f_code, place.offset))
            frame = None if begins_process(frame.f_code) else frame.f_back

    def _set_holder(self, lane: int, wait: _Wait, holder: Holder, since_ns: int) -> None:
        if wait.holder == holder:
            return
        if wait.start_ns == since_ns:
            wait.holder = holder
            return
        later = _Wait(wait.kind, None, wait.name, since_ns)
        later.number, later.last_ns, later.holder = wait.number, wait.last_ns, holder
        wait.last_ns = since_ns
        self._end(lane)
        self._waits[lane] = later

    def _note_hold(self, lock: object, holder: Holder, times: tuple[int, int]) -> None:
        lane = holder[0] - 1
        since_ns, now_ns = times
        hold = self._holds.get(lane)
        if hold is None or hold.number != id(lock) >> 4:
            hold = self._holds[lane] = _Wait(HOLDS, lock, shared_name(lock) or "", since_ns)
            hold.holder = holder
        hold.last_ns = now_ns

    def _places_of(self, code: CodeType) -> list[LockPlace]:
        if self._places is None:
            self._places = LockPlaces()
        return self._places.of(code)

    def _take_notice(self, notice: object) -> None:
        for lane, wait in self._waits.items():
            if wait.waiter is notice.waiter and notice.waiter is not None:
                notifier = self._lane_above(notice.notifier, notice.notifier_tid)
                if notifier != lane + 1:
                    wait.holder = (notifier, (notice.code, notice.line))
                    wait.last_ns = notice.at_ns
                self._end(lane)
                self._noticed[lane] = notice.at_ns
                return

    def _lane_above(self, ident: int | None, tid: int = 0) -> int:
        lane = self._threads.by_ident.get(ident)
        return 0 if lane is None or (tid and lane.tid != tid) else lane.lane + 1

    def _end_moved(self, since: dict[int, int], now_ns: int) -> None:
        """Ends the waits of the threads that have moved, and of those that are gone."""
        for lane in [lane for lane in self._holds if since.get(lane, now_ns) == now_ns]:
            self._ended.append((lane, self._holds.pop(lane)))
        for lane in [lane for lane in self._waits if since.get(lane, now_ns) == now_ns]:
            self._end(lane)

    def _end(self, lane: int) -> None:
        wait = self._waits.pop(lane, None)
        if wait is None:
            return
        if wait.waiters is not None:
            let_go(wait.waiters)
        # Nothing is known of who ended it: the samples say as much.
        if wait.holder[0] or wait.name:
            self._ended.append((lane, wait))

    def _write_wait(self, lane: int, wait: _Wait, paused_ns: int) -> None:
        holder, (code, line) = wait.holder
        function = 0 if code is None else self._stacks.function(code) + 1
        times = (wait.start_ns - paused_ns, wait.last_ns - wait.start_ns)
        who = (holder, function, line)
        self._records.add(WAIT, lane, wait.kind, *times, wait.number, self._records.string(wait.name), *who)


def _is_watched(wait: _Wait) -> bool:
    return wait.kind == JOIN or type(wait.waiters) is WatchedWaiters


def _lock_of(value: object) -> object:
    """Returns the lock of a condition, any other value as it is."""
    condition = getattr(sys.modules.get("threading"), "Condition", None)
    return static_attribute(value, "_lock") if condition is not None and type(value) is condition else value


def _awaited_name(frame: FrameType | None) -> str:
    """Returns the kind of thing whose condition is waited at: `Event`, `Queue`."""
    owner = NOTHING if frame is None or frame.f_code.co_name == "<module>" else local_value(frame, "self")
    is_library = frame is not None and str(frame.f_globals.get("__name__")).startswith(_SIGNAL_LIBRARIES)
    return type(owner).__name__ if is_library and owner is not NOTHING else ""


_SIGNAL_LIBRARIES = ("threading", "queue", "concurrent.futures")


def _line_at(code: CodeType, offset: int) -> int:
    """Returns the line of the instruction at an offset."""
    found = 0
    if hasattr(code, "co_lines"):
        for start, end, line in code.co_lines():
            if start <= offset < end:
                return line or 0
        return found
    line = code.co_firstlineno
    at = 0
    table = code.co_lnotab
    for index in range(0, len(table), 2):
        at += table[index]
        if at > offset:
            break
        line += table[index + 1] - (256 if table[index + 1] > 127 else 0)
    return line
