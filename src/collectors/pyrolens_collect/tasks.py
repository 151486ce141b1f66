"""asyncio: which task a loop's thread runs, and where the suspended ones wait.

Looks only when the program has imported asyncio. Per loop at most 200 tasks are looked at in a tick; of
more, a window is chosen that moves on twice a second, and the others are counted as left out. Each task
in the window is in every tick, so what is written never stands for more time than was seen.

A task still blocked on the very future (weakly referenced, so its address cannot have been used
again) has not run in between: its sample is repeated without walking its chain anew.
"""

from __future__ import annotations

import sys
from _weakref import ref
from time import monotonic_ns

from pyrolens_collect.await_chain import suspended_frames
from pyrolens_collect.records import LANE_END, SUSPENDED, TASK_LANE, Records, add_varint
from pyrolens_collect.stacks import Stacks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType

    from pyrolens_collect.loop_hooks import LoopHooks

    # Its lane, its address and the lane of its loop's thread, and the encoded sample of the tick before and
    # of this one; empty where not suspended.
    TaskSample = tuple[int, int, int, bytes, bytes]

MAX_TASKS = 200
_WINDOW_NS = 500_000_000
_MAX_ENDED = 2000
# Listing the tasks walks all of them: spend at most a hundredth of the time on it.
_LISTING_SHARE = 100


class _Task:
    """What is known of one task, without keeping it alive."""

    __slots__ = ("is_ended", "key", "lane", "name", "sample", "task", "waiter")

    def __init__(self, task: object, lane: int, name: str) -> None:
        self.task = ref(task)
        self.key = id(task)
        self.is_ended = False
        self.lane = lane
        self.name = name
        self.waiter: object = None
        self.sample = b""


class _Loop:
    """A loop seen running, and its tasks by address."""

    def __init__(self, loop: object, ident: int, lane: int) -> None:
        self.loop = ref(loop)
        self.ident = ident
        self.lane = lane
        self.tasks: dict[int, _Task] = {}
        self.window: list[_Task] = []
        self.left_out = 0
        self.next_listing_ns = 0
        self.next_window_ns = 0
        self.window_start = 0
        self.seen_ns = 0


class TaskWatch:
    """Follows the loops and tasks of the process."""

    def __init__(self, records: Records, stacks: Stacks, hooks: LoopHooks | None) -> None:
        """Writes lanes into `records` and numbers stacks through `stacks`; shows loops to `hooks`."""
        self._records = records
        self._stacks = stacks
        self._hooks = hooks
        self._loops: dict[int, _Loop] = {}
        # Tasks that have ended lately, by the address of their weak reference.
        self._ended: dict[int, _Task] = {}
        self.most_left_out = 0
        # Stamps are written less the time that was not recorded.
        self.paused_ns = 0

    def running_lane(self, ident: int, lane: int, frame: FrameType) -> int | None:
        """Returns the lane of the task that a loop's thread runs now; None between tasks.

        `frame` is the innermost frame of thread `ident`, whose stack holds a running loop.
        """
        asyncio_tasks = _asyncio_tasks()
        loop = self._running_loop(ident, frame)
        if loop is None or asyncio_tasks is None:
            return None
        known = self._loops.get(id(loop))
        if known is None or known.loop() is not loop:
            known = self._loops[id(loop)] = _Loop(loop, ident, lane)
        known.ident, known.lane = ident, lane
        if self._hooks is not None:
            self._hooks.see(loop, lane)
        task = asyncio_tasks.current_task(loop)
        if task is None:
            return None
        watched = self._watched(known, task)
        self._rename(watched, task)
        return watched.lane

    def lane_above(self, loop: tuple[int, object], task: ref, key: int) -> int:
        """Returns the lane + 1 of a task of a loop that was seen running, 0 when it has none.

        `loop` is its address and itself, `task` a weak reference without a callback, of which each task has
        one, and `key` the task's address. The task may have ended since.
        """
        ended = self._ended.get(id(task))
        if ended is not None and ended.task is task:
            return ended.lane + 1
        known = self._loops.get(loop[0])
        if known is None or known.loop() is not loop[1]:
            return 0
        if task() is not None:
            return self._watched(known, task()).lane + 1
        watched = known.tasks.get(key)
        return watched.lane + 1 if watched is not None and watched.task is task else 0

    def samples(self, now_ns: int) -> list[TaskSample]:
        """Returns the suspended tasks in the windows."""
        samples: list[TaskSample] = []
        left_out = 0
        for key, loop in list(self._loops.items()):
            event_loop = loop.loop()
            if event_loop is None or event_loop.is_closed():
                self._end_all(loop, now_ns)
                del self._loops[key]
                continue
            loop.seen_ns = now_ns
            if now_ns >= loop.next_listing_ns:
                self._list_tasks(loop, event_loop, now_ns)
            left_out += loop.left_out
            self._add_window(loop, now_ns, samples)
        self.most_left_out = max(self.most_left_out, left_out)
        return samples

    def forget_ended(self, now_ns: int) -> None:
        """Ends the lanes of finished tasks where nobody asks for `samples`."""
        for key, loop in list(self._loops.items()):
            for task_key, watched in list(loop.tasks.items()):
                task = watched.task()
                if task is None or task.done():
                    self._end(loop.tasks.pop(task_key), now_ns)
            event_loop = loop.loop()
            if event_loop is None or event_loop.is_closed():
                self._end_all(loop, now_ns)
                del self._loops[key]

    def _running_loop(self, ident: int, frame: FrameType | None) -> object | None:
        for loop in self._loops.values():
            running = loop.loop() if loop.ident == ident else None
            if running is not None and _is_run_by(running, ident):
                return running
        while frame is not None:
            if self._stacks.location(frame) in self._stacks.loop_locations:
                # Up to 3.12 this makes a dictionary of the frame's locals, which lives as long as
                # the frame: here for the loop's whole run, holding little but the loop.
                return _loop_of(frame.f_locals)
            frame = frame.f_back
        return None

    def _list_tasks(self, loop: _Loop, event_loop: object, now_ns: int) -> None:
        asyncio_tasks = _asyncio_tasks()
        if asyncio_tasks is None:
            return
        began_ns = monotonic_ns()
        tasks = {id(task): task for task in asyncio_tasks.all_tasks(event_loop)}
        for key in [key for key in loop.tasks if key not in tasks]:
            self._end(loop.tasks.pop(key), now_ns)
        if len(tasks) <= MAX_TASKS or now_ns >= loop.next_window_ns or not loop.window:
            self._choose_window(loop, list(tasks.values()), now_ns)
        loop.left_out = len(tasks) - len(loop.window)
        loop.next_listing_ns = now_ns + (monotonic_ns() - began_ns) * _LISTING_SHARE

    def _choose_window(self, loop: _Loop, tasks: list[object], now_ns: int) -> None:
        if len(tasks) > MAX_TASKS:
            start = loop.window_start % len(tasks)
            tasks = (tasks[start:] + tasks[:start])[:MAX_TASKS]
            loop.window_start = start + MAX_TASKS
        loop.next_window_ns = now_ns + _WINDOW_NS
        seen = {watched.lane for watched in loop.window}
        loop.window = [self._watched(loop, task) for task in tasks]
        for watched, task in zip(loop.window, tasks):
            self._rename(watched, task)
            if watched.lane not in seen:
                watched.sample, watched.waiter = b"", None

    def _watched(self, loop: _Loop, task: object) -> _Task:
        known = loop.tasks.get(id(task))
        if known is not None and known.task() is task:
            return known
        if known is not None:
            self._end(known, loop.seen_ns)
        name = _name(task)
        lane = self._records.lane(TASK_LANE, loop.lane, id(task), 0, name)
        watched = loop.tasks[id(task)] = _Task(task, lane, name)
        return watched

    def _rename(self, watched: _Task, task: object) -> None:
        name = _name(task)
        if name != watched.name:
            watched.name = name
            self._records.rename_lane(watched.lane, name)

    def _add_window(self, loop: _Loop, now_ns: int, samples: list[TaskSample]) -> None:
        ended = False
        for watched in loop.window:
            before = watched.sample
            task = watched.task()
            if task is None or task.done():
                watched.sample = b""
                ended = True
            else:
                waiter = getattr(task, "_fut_waiter", None)
                if waiter is None or watched.waiter is None or watched.waiter() is not waiter:
                    self._look(watched, task, waiter)
            if before or watched.sample:
                samples.append((watched.lane, watched.key, loop.lane, before, watched.sample))
        if ended:
            self._end_finished(loop, now_ns)

    def _look(self, watched: _Task, task: object, waiter: object) -> None:
        watched.waiter = None
        watched.sample = b""
        self._rename(watched, task)
        frames = suspended_frames(task.get_coro())
        if frames is None:
            return
        stack = self._stacks.stack([self._stacks.location(frame) for frame in frames])
        sample = bytearray()
        for number in (watched.lane, stack, SUSPENDED, 0):
            add_varint(sample, number)
        watched.sample = bytes(sample)
        try:
            watched.waiter = None if waiter is None else ref(waiter)
        except TypeError:
            pass  # A foreign future without weak references is looked at in every tick.

    def _end_finished(self, loop: _Loop, now_ns: int) -> None:
        still = []
        for watched in loop.window:
            task = watched.task()
            if task is not None and not task.done():
                still.append(watched)
                continue
            self._end(watched, now_ns)
            if loop.tasks.get(watched.key) is watched:
                del loop.tasks[watched.key]
        loop.window = still

    def _end_all(self, loop: _Loop, now_ns: int) -> None:
        for watched in loop.tasks.values():
            self._end(watched, now_ns)

    def _end(self, watched: _Task, now_ns: int) -> None:
        """Ends a lane once: its address may be another task's before the window is gone through."""
        if not watched.is_ended:
            watched.is_ended = True
            if len(self._ended) >= _MAX_ENDED:
                self._ended.clear()
            self._ended[id(watched.task)] = watched
            self._records.add(LANE_END, watched.lane, now_ns - self.paused_ns)


def _asyncio_tasks() -> ModuleType | None:
    """Returns `asyncio.tasks` once it is completely imported by the program."""
    module = sys.modules.get("asyncio.tasks")
    return module if hasattr(module, "all_tasks") and hasattr(module, "current_task") else None


def _name(task: object) -> str:
    get_name = getattr(task, "get_name", None)
    return str(get_name()) if get_name is not None else "task"


def _loop_of(names: dict[str, object]) -> object | None:
    """Returns the running loop that a frame of `run_forever` or `asyncio.run` holds in its locals."""
    runner = names.get("runner", names.get("self"))
    loop = getattr(runner, "_loop", names.get("loop", runner))
    return loop if hasattr(loop, "is_running") and loop.is_running() else None


def _is_run_by(loop: object, ident: int) -> bool:
    """Tells whether a loop last seen in thread `ident` still runs there; uvloop's does not say where."""
    return loop.is_running() and getattr(loop, "_thread_id", ident) == ident
