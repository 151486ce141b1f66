"""Traces through `sys.monitoring` (Python 3.12+), which can be switched for each function.

    finder  sees the first call of every function, and switches its calls on for
    tracer  which notes them; of a folded function only its chosen compiled calls
    finder  also tells whether a folded function that was seen on a stack has ended since

Both are tools of their own, so that a function can be switched off where it stands, at once.
"""

from __future__ import annotations

import sys
from _thread import get_ident, get_native_id

from pyrolens_collect.target import is_own_file
from pyrolens_collect.trace_calls import chosen_call
from pyrolens_collect.trace_clock import clock_ns
from pyrolens_collect.trace_events import BEGIN, EXIT, RESUME, TASK, EventLog
from pyrolens_collect.trace_frames import codes_of, is_traced
from pyrolens_collect.trace_tasks import is_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pyrolens_collect.trace_calls import CompiledCall

_NAME = "pyrolens"
# Debuggers, coverage and cProfile have 0, 1 and 2 by agreement. The higher one is called first: the mark of a
# loop's step is to stand before its call.
_TOOLS = (4, 3)
# A call of a folded function that lasts so long is noted after all.
_LONG_NS = 15_000_000
_THREAD_FILE, _THREAD_BEGIN = "threading.py", "_bootstrap"


class Monitoring:
    """The hooks of this process."""

    is_adaptive = True

    def __init__(self, log: EventLog) -> None:
        """Notes into `log`; nothing is hooked yet."""
        self._log = log
        self.is_on = False
        self._traced: dict[int, CodeType] = {}
        self._folded: dict[int, CodeType] = {}
        self._folded_calls: set[CompiledCall] = set()
        # When a folded function was seen on a stack, as long as no call of it has ended since.
        self._lasting: dict[int, int] = {}
        self._enters: set[CodeType] = set()
        self._leaves: set[CodeType] = set()

    def refusal(self) -> str | None:
        """Returns why the hooks cannot be had; None when they can."""
        names = [sys.monitoring.get_tool(tool) for tool in _TOOLS]
        taken = [name for name in names if name not in (None, _NAME)]
        return f"Another tool monitors the program: {taken[0]}." if taken else None

    def attach(self) -> None:
        """Begins to note calls."""
        monitoring, events = sys.monitoring, sys.monitoring.events
        finder, tracer = _TOOLS
        self.is_on = True
        for tool in _TOOLS:
            monitoring.use_tool_id(tool, _NAME)
        for event, callback in self._callbacks().items():
            monitoring.register_callback(tracer, event, callback)
        for event, callback in self._finders().items():
            monitoring.register_callback(finder, event, callback)
        monitoring.set_events(tracer, events.PY_UNWIND | events.PY_THROW)
        monitoring.set_events(finder, events.PY_START)

    def detach(self) -> None:
        """Ends it; the program runs at its own speed again."""
        monitoring = sys.monitoring
        if not self.is_on:
            return
        self.is_on = False
        for tool in _TOOLS:
            monitoring.set_events(tool, 0)
            for code in [*self._traced.values(), *self._folded.values()]:
                monitoring.set_local_events(tool, code, 0)
            monitoring.free_tool_id(tool)
        self._traced.clear()
        self._folded.clear()

    def replaced(self) -> bool:
        """Tells whether the program took the hooks away."""
        return self.is_on and sys.monitoring.get_tool(_TOOLS[1]) != _NAME

    def fold(self, item: CodeType | CompiledCall) -> None:
        """Stops noting the calls of a function."""
        if not hasattr(item, "co_code"):
            self._folded_calls.add(item)
            return
        self._folded[id(item)] = item
        self._traced.pop(id(item), None)
        sys.monitoring.set_local_events(_TOOLS[1], item, sys.monitoring.events.CALL)

    def unfold(self, code: CodeType) -> None:
        """Notes its calls again."""
        del self._folded[id(code)]
        self._lasting.pop(id(code), None)
        self._trace(code)

    @property
    def folded(self) -> list[CodeType]:
        """What is folded now."""
        return list(self._folded.values())

    def lasting(self, frames: dict[int, FrameType], now_ns: int) -> dict[CodeType, int]:
        """Returns the folded functions that have been on these stacks for long, in one call, and since when.

        What is there for the first time is watched until then.
        """
        if not self._folded:
            return {}
        codes = {id(code): code for frame in frames.values() for code in codes_of(frame)}
        here = codes.keys() & self._folded.keys()
        for key in self._lasting.keys() - here:
            self._lasting.pop(key, None)
        for key in here - self._lasting.keys():
            self._watch(codes[key], now_ns)
        seen = {codes[key]: self._lasting.get(key, now_ns) for key in here}
        return {code: since_ns for code, since_ns in seen.items() if now_ns - since_ns > _LONG_NS}

    def stack(self, frame: FrameType | None) -> list[CodeType]:
        """Returns the noted functions on a stack, root first, as the log has it."""
        noting = self._noting(frame)
        if noting is not None:
            frame = noting.f_back
            if _is_noted(noting) != (noting.f_code in self._enters):
                frame = frame.f_back
        codes = [code for code in codes_of(frame) if id(code) in self._traced]
        return codes[::-1]

    def is_about_to_note(self, frame: FrameType | None) -> bool:
        """Tells whether a thread is about to note an event of a function that was folded just now."""
        noting = self._noting(frame)
        if noting is None or _is_noted(noting):
            return False
        return id(noting.f_back.f_code) in self._folded

    def _noting(self, frame: FrameType | None) -> FrameType | None:
        """Returns the frame of the callback that a thread is in, if it is in one."""
        while frame is not None and is_own_file(frame.f_code.co_filename):
            if frame.f_code in self._enters or frame.f_code in self._leaves:
                return frame
            frame = frame.f_back
        return None

    def _watch(self, code: CodeType, now_ns: int) -> None:
        finder, events = _TOOLS[0], sys.monitoring.events
        self._lasting[id(code)] = now_ns
        # What was disabled comes back only when the events are taken away first.
        sys.monitoring.set_local_events(finder, code, 0)
        sys.monitoring.set_local_events(finder, code, events.PY_RETURN | events.PY_YIELD)

    def _trace(self, code: CodeType) -> None:
        events = sys.monitoring.events
        wanted = events.PY_START | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD | events.CALL
        self._traced[id(code)] = code
        sys.monitoring.set_local_events(_TOOLS[1], code, wanted)

    def _finders(self) -> dict[int, Callable]:
        disable, events = sys.monitoring.DISABLE, sys.monitoring.events
        extend, begun, tasks = self._log.items.extend, self._log.begun, self._log.tasks

        def on_first(code: CodeType, offset: int) -> object:
            if not is_traced(code):
                return disable
            if code.co_name == _THREAD_BEGIN and code.co_filename.endswith(_THREAD_FILE):
                thread = sys._getframe(1).f_locals.get("self")
                name = str(getattr(thread, "_name", ""))
                begun.setdefault(get_ident(), []).append((get_native_id(), name))
                event = BEGIN, clock_ns(), get_ident()
                extend(event)
                return None
            is_marked = is_step(code)
            if is_marked:
                tasks.add(get_ident(), sys._getframe(1))
                extend((TASK, clock_ns(), get_ident()))
                if id(code) in self._traced:
                    # It is noted by the tracer, after this.
                    return None
            self._trace(code)
            event = code, clock_ns(), get_ident()
            # Returns None from `extend`; a step is to be marked again.
            return extend(event) or (None if is_marked else disable)

        def on_end(code: CodeType, offset: int, value: object) -> object:
            # Of a recursion the outermost call counts: it goes on when an inner one ends.
            if code in codes_of(sys._getframe(1).f_back):
                return None
            self._lasting.pop(id(code), None)
            return disable

        self._enters.add(on_first.__code__)
        return {events.PY_START: on_first, events.PY_RETURN: on_end, events.PY_YIELD: on_end}

    def _callbacks(self) -> dict[int, Callable]:
        """Written for speed: each is called at every call of the program's. Each notes in its last line."""
        extend, traced, events = self._log.items.extend, self._traced, sys.monitoring.events
        clock, ident = clock_ns, get_ident

        def on_start(code: CodeType, offset: int) -> None:
            event = code, clock(), ident()
            extend(event)

        def on_resume(code: CodeType, offset: int) -> None:
            now, thread = clock(), ident()
            event = RESUME, now, thread, code, now, thread
            extend(event)

        def on_exit(code: CodeType, offset: int, value: object) -> None:
            event = EXIT, clock(), ident()
            extend(event)

        # These two come for all code.
        def on_unwind(code: CodeType, offset: int, error: BaseException) -> None:
            if id(code) in traced:
                event = EXIT, clock(), ident()
                extend(event)

        def on_throw(code: CodeType, offset: int, error: BaseException) -> None:
            if id(code) in traced:
                now, thread = clock(), ident()
                event = RESUME, now, thread, code, now, thread
                extend(event)

        self._enters |= {function.__code__ for function in (on_start, on_resume, on_throw)}
        self._leaves |= {function.__code__ for function in (on_exit, on_unwind)}
        return {
            events.PY_START: on_start,
            events.PY_RESUME: on_resume,
            events.PY_THROW: on_throw,
            events.PY_RETURN: on_exit,
            events.PY_YIELD: on_exit,
            events.PY_UNWIND: on_unwind,
            **self._call_callbacks(),
        }

    def _call_callbacks(self) -> dict[int, Callable]:
        extend, folded, events = self._log.items.extend, self._folded_calls, sys.monitoring.events
        clock, ident, disable = clock_ns, get_ident, sys.monitoring.DISABLE
        # Where a chosen function was called once: such a place stays on while a thread may be in the call.
        places: set[tuple[int, int]] = set()
        # By thread: the chosen calls that were noted and go on.
        inside: dict[int, list[CompiledCall]] = {}

        def on_call(code: CodeType, offset: int, function: object, argument: object) -> object:
            call = chosen_call(function)
            if call is None:
                return None if (id(code), offset) in places else disable
            if call in folded:
                return None if any(call in calls for calls in inside.values()) else disable
            places.add((id(code), offset))
            thread = ident()
            inside.setdefault(thread, []).append(call)
            extend((call, clock(), thread))
            return None

        def on_call_end(code: CodeType, offset: int, function: object, argument: object) -> None:
            thread = ident()
            calls = inside.get(thread)
            if calls and calls[-1] is chosen_call(function):
                calls.pop()
                extend((EXIT, clock(), thread))

        return {events.CALL: on_call, events.C_RETURN: on_call_end, events.C_RAISE: on_call_end}


def _is_noted(callback: FrameType) -> bool:
    """Tells whether a callback has noted its event: no thread loses the GIL between the line and the call."""
    last_line = max(line or 0 for _, _, line in callback.f_code.co_lines())
    return (callback.f_lineno or 0) >= last_line
