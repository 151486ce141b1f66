"""Stamps the jobs that programs hand to executors, from `submit` to the result.

    submit ── queued ── pickled ── sent ── unpickled ── run ── pickled ── returned ── unpickled
    thread pool:  queued ── run

`concurrent.futures` looks its work items up by name, so a subclass under that name stamps a job when it is
submitted, and in a thread pool when it runs. For processes, pickling is measured where multiprocessing does
it, and the message says more than the pickle: behind its end, where `pickle.loads` does not look, stand the
job's number on the way there and the worker's stamps on the way back. A worker or a parent that is not
recorded reads such messages like any other. Monotonic clocks are the machine's, one for all processes.

While a job of a thread pool runs, one frame of ours is on its stack; exceptions do not show it.
"""

from __future__ import annotations

import os
import sys
from _collections import deque
from _thread import get_ident
from _weakref import ref
from time import monotonic_ns

from pyrolens_collect.caller_place import place_outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

LONG_NS = 5_000_000
"""Jobs from here on are kept."""

THREAD, PROCESS = 0, 1

_MAX_PENDING = 20_000
_MAX_JOBS = 10_000
_CALL_MARK, _RESULT_MARK = b"PYROCALL", b"PYRODONE"
# A pickle ends with a full stop, so no message without a trailer ends like one with it.
_PICKLE_END = ord(".")
_NUMBER_SIZE = 8
_CALL_SIZE, _RESULT_SIZE = 2 * _NUMBER_SIZE, 7 * _NUMBER_SIZE
_LIBRARIES = ("concurrent.futures", "asyncio", "pyrolens_collect")


class Job:
    """One job. Moments are nanoseconds of the monotonic clock, 0 while they are to come."""

    __slots__ = (
        "code",
        "kind",
        "line",
        "loop_key",
        "loop_ref",
        "moments",
        "request_bytes",
        "result_bytes",
        "submitter",
        "task_key",
        "task_ref",
        "worker",
    )

    def __init__(self, kind: int) -> None:
        """Call it beneath `submit`."""
        self.kind = kind
        self.moments = [monotonic_ns()]
        self.submitter = get_ident()
        # A thread's ident, or a process's id.
        self.worker = 0
        self.request_bytes = self.result_bytes = 0
        self.code, self.line = place_outside(sys._getframe(1), _LIBRARIES)
        self.task_ref = self.loop_ref = None
        self.task_key = self.loop_key = 0
        self._note_task()

    def _note_task(self) -> None:
        events, tasks = sys.modules.get("asyncio.events"), sys.modules.get("asyncio.tasks")
        loop = events._get_running_loop() if events is not None and tasks is not None else None
        task = tasks.current_task(loop) if loop is not None else None
        if task is not None:
            self.task_ref, self.loop_ref = ref(task), ref(loop)
            self.task_key, self.loop_key = id(task), id(loop)


class Handoffs:
    """The jobs of this process, and how `concurrent.futures` is made to stamp them."""

    def __init__(self) -> None:
        """Nothing is changed before `enter`."""
        self.pending: deque[Job] = deque()
        self.failure = ""
        self._has_failed = False
        self._undo: list[Callable[[], None]] = []
        self._entered: set[str] = set()
        self._last_number = 0
        # Submitted, by the address of their keyword arguments; and sent, by their number.
        self._submitted: dict[int, Job] = {}
        self._sent: dict[int, Job] = {}
        # In a worker: the number of the job it has read, and when.
        self._current = (0, 0, 0)

    def forget(self) -> None:
        """Forgets the jobs of the process that this one was forked from."""
        for jobs in (self.pending, self._submitted, self._sent):
            jobs.clear()

    def enter(self) -> None:
        """Takes over what the program has imported meanwhile. Call it now and then, from any thread."""
        if self._has_failed:
            return
        threads = _imported("concurrent.futures.thread", "ThreadPoolExecutor")
        if threads is not None and threads.__name__ not in self._entered:
            self._entered.add(threads.__name__)
            self._replace(threads, "_WorkItem", _thread_item(self, threads._WorkItem))
        processes = _imported("concurrent.futures.process", "ProcessPoolExecutor")
        if processes is not None and processes.__name__ not in self._entered:
            self._entered.add(processes.__name__)
            self._enter_processes(processes)

    def leave(self) -> None:
        """Puts everything back; jobs under way are not kept."""
        while self._undo:
            self._undo.pop()()
        self._entered.clear()

    def fail(self, error: Exception) -> None:
        """Goes for good, and keeps what went wrong."""
        self.failure = f"{type(error).__name__}: {error}"
        self._has_failed = True
        self.leave()

    def finish(self, job: Job) -> None:
        """Keeps a job that is over, if it took long."""
        is_long = job.moments[-1] - job.moments[0] >= LONG_NS
        if is_long and len(self.pending) < _MAX_PENDING:
            self.pending.append(job)

    def note_submitted(self, job: Job, key: int) -> None:
        """Waits for the job's pickling."""
        if len(self._submitted) >= _MAX_JOBS:
            self._submitted.clear()
        self._submitted[key] = job

    def note_call(self, item: object, buffer: object, began: int) -> None:
        """A call was pickled for a worker, into `buffer`."""
        job = self._submitted.pop(id(item.kwargs), None)
        if job is None:
            return
        job.moments += (began, monotonic_ns())
        job.request_bytes = buffer.tell()
        if len(self._sent) >= _MAX_JOBS:
            self._sent.clear()
        self._last_number += 1
        self._sent[self._last_number] = job
        buffer.write(_trailer(_CALL_MARK, self._last_number))

    def note_result(self, item: object, buffer: object, began: int) -> None:
        """A result was pickled in a worker: its stamps go with it."""
        number, *read = self._current
        self._current = (0, 0, 0)
        if number:
            buffer.write(_trailer(_RESULT_MARK, number, os.getpid(), *read, began, monotonic_ns()))

    def note_loaded(self, data: bytes, began: int) -> None:
        """A message with a trailer was unpickled: a call in a worker, a result in its parent."""
        ended = monotonic_ns()
        mark = bytes(data[-len(_CALL_MARK) :])
        if mark == _CALL_MARK:
            self._current = (_numbers(data, _CALL_SIZE)[0], began, ended)
        elif mark == _RESULT_MARK:
            number, pid, *stamps = _numbers(data, _RESULT_SIZE)
            job = self._sent.pop(number, None)
            if job is not None:
                job.worker = pid
                job.result_bytes = len(data) - _RESULT_SIZE
                job.moments += (*stamps, began, ended)
                self.finish(job)

    def _enter_processes(self, processes: ModuleType) -> None:
        queues, connection = (sys.modules[f"multiprocessing.{name}"] for name in ("queues", "connection"))
        plain = queues._ForkingPickler
        own = sys.modules["multiprocessing.reduction"].ForkingPickler
        if connection._ForkingPickler is not own or plain is not own:
            raise TypeError("multiprocessing's pickler is not its own")
        pickler = _pickler(self, plain, processes)
        self._replace(processes, "_WorkItem", _process_item(self, processes._WorkItem))
        self._replace(queues, "_ForkingPickler", pickler)
        self._replace(connection, "_ForkingPickler", pickler)

    def _replace(self, module: ModuleType, name: str, ours: object) -> None:
        before = getattr(module, name)

        def put_back() -> None:
            if getattr(module, name, None) is ours:
                setattr(module, name, before)

        self._undo.append(put_back)
        setattr(module, name, ours)


def _thread_item(handoffs: Handoffs, plain: type) -> type:
    class StampedWorkItem(plain):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            try:
                self.job = Job(THREAD)
            except Exception as error:
                self.job = None
                handoffs.fail(error)

        def run(self, *arguments: object) -> None:
            began = monotonic_ns()
            super().run(*arguments)
            try:
                job = self.job
                if job is not None and not self.future.cancelled():
                    job.worker = get_ident()
                    job.moments += (began, monotonic_ns())
                    handoffs.finish(job)
            except Exception as error:
                handoffs.fail(error)

    return StampedWorkItem


def _process_item(handoffs: Handoffs, plain: type) -> type:
    class StampedWorkItem(plain):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            try:
                handoffs.note_submitted(Job(PROCESS), id(self.kwargs))
            except Exception as error:
                handoffs.fail(error)

    return StampedWorkItem


def _pickler(handoffs: Handoffs, plain: type, processes: ModuleType) -> type:
    import io

    notes = {processes._CallItem: handoffs.note_call, processes._ResultItem: handoffs.note_result}

    class StampingPickler(plain):
        @classmethod
        def dumps(cls, obj: object, protocol: int | None = None) -> object:
            note = notes.get(type(obj))
            if note is None:
                return plain.dumps(obj, protocol)
            began = monotonic_ns()
            buffer = io.BytesIO()
            plain(buffer, protocol).dump(obj)
            try:
                note(obj, buffer, began)
            except Exception as error:
                handoffs.fail(error)
            return buffer.getbuffer()

        @staticmethod
        def loads(data: bytes, **options: object) -> object:
            if not data or data[-1] == _PICKLE_END:
                return plain.loads(data, **options)
            began = monotonic_ns()
            loaded = plain.loads(data, **options)
            try:
                handoffs.note_loaded(data, began)
            except Exception as error:
                handoffs.fail(error)
            return loaded

    return StampingPickler


def _trailer(mark: bytes, *numbers: int) -> bytes:
    return b"".join(number.to_bytes(_NUMBER_SIZE, "little") for number in numbers) + mark


def _numbers(data: bytes, size: int) -> list[int]:
    """Returns the numbers of a trailer of this size."""
    trailer = bytes(data[-size:-_NUMBER_SIZE])
    places = range(0, len(trailer), _NUMBER_SIZE)
    return [int.from_bytes(trailer[at : at + _NUMBER_SIZE], "little") for at in places]


def _imported(name: str, last: str) -> ModuleType | None:
    """Returns a module once it is completely imported by the program."""
    module = sys.modules.get(name)
    return module if hasattr(module, last) else None


in_process = Handoffs()
"""Those of this process: forked children go on with what their parent has changed."""
