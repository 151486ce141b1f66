"""Which asyncio task each step of an event loop runs, told by marks among the noted calls.

A loop calls `Handle._run` for each step. A hook that sees such a call first notes the mark `TASK`, and here
whose step it is. Loops without that method (uvloop's) have no marks.
"""

from __future__ import annotations

import os
from _weakref import ref

from pyrolens_collect.records import LANE_END, TASK_LANE, TASKS, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType

STEP_NAME = "_run"
TASK_TOKEN = 0x10FFFF
"""Stands among the tokens of a lane for a mark."""

_STEP_FILE = os.path.join("asyncio", "events.py")


def is_step(code: CodeType) -> bool:
    """Tells whether this is the method that loops call for each step."""
    return code.co_name == STEP_NAME and code.co_filename.endswith(_STEP_FILE)


class _Task:
    """A task that was seen running, without keeping it alive."""

    __slots__ = ("lane", "name", "ran_ns", "task")

    def __init__(self, task: ref, name: str) -> None:
        self.task = task
        self.name = name
        self.lane: int | None = None
        self.ran_ns = 0


class TaskMarks:
    """Whose steps the marks are that nobody has written yet, by thread, and the tasks' lanes."""

    def __init__(self) -> None:
        """Knows no task."""
        self._tasks: dict[int, _Task] = {}
        # By thread; a thread that ran no loop is not in it.
        self.pending: dict[int, list[_Task | None]] = {}
        self._count = 0

    def add(self, thread: int, frame: FrameType | None) -> None:
        """Called in the program's thread, with the frame of a step that begins, before its mark is noted."""
        self.pending.setdefault(thread, []).append(self._task_of(frame))

    def write(self, thread: int, lane: int, marks_ns: list[int], records: Records) -> None:
        """Writes whose steps the next marks of a thread are, with the lanes of new tasks."""
        pending = self.pending.get(thread, [])
        tasks, pending[: len(marks_ns)] = pending[: len(marks_ns)], []
        lanes = []
        for task, at_ns in zip(tasks, marks_ns):
            if task is None:
                lanes.append(0)
                continue
            if task.lane is None:
                task.lane = records.lane(TASK_LANE, lane, self._count, 0, task.name)
                self._count += 1
            task.ran_ns = at_ns
            lanes.append(task.lane + 1)
        records.add(TASKS, lane, len(lanes), *lanes)

    def end_finished(self, records: Records) -> None:
        """Ends the lanes of tasks that are over, when they ran last."""
        for key, known in list(self._tasks.items()):
            task = known.task()
            if known.lane is not None and (task is None or task.done()):
                del self._tasks[key]
                records.add(LANE_END, known.lane, known.ran_ns)

    def clear(self) -> None:
        """Forgets everything: what a parent has noted is not its forked child's."""
        self._tasks.clear()
        self.pending.clear()

    def _task_of(self, frame: FrameType | None) -> _Task | None:
        handle = frame.f_locals.get("self") if frame is not None else None
        task = getattr(getattr(handle, "_callback", None), "__self__", None)
        if not hasattr(task, "get_coro"):
            return None
        # A task has one weak reference without a callback: its address is the task's as long as it is kept.
        reference = ref(task)
        known = self._tasks.get(id(reference))
        if known is None:
            name = str(task.get_name()) if hasattr(task, "get_name") else "task"
            known = self._tasks[id(reference)] = _Task(reference, name)
        return known
