"""Traces through `sys.setprofile`, for Pythons without `sys.monitoring`. Nothing can be folded there."""

from __future__ import annotations

import sys
from _thread import get_ident, get_native_id

from pyrolens_collect.threads import active_threads
from pyrolens_collect.trace_calls import chosen_call
from pyrolens_collect.trace_clock import clock_ns
from pyrolens_collect.trace_events import BEGIN, EXIT, RESUME, TASK, EventLog
from pyrolens_collect.trace_frames import codes_of
from pyrolens_collect.trace_tasks import STEP_NAME, is_step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

_CAN_YIELD = 0x20 | 0x80 | 0x200
# The number of that instruction in 3.11, the only version that needs it.
_RESUME = 151


class ProfileHook:
    """The hook of this process. Threads that `threading` does not start are not seen."""

    is_adaptive = False

    def __init__(self, log: EventLog) -> None:
        """Notes into `log`; nothing is hooked yet."""
        self._log = log
        self.is_on = False
        self._main_hook: Callable | None = None

    def refusal(self) -> str | None:
        """Returns why the hook cannot be had; None when it can."""
        return None if sys.getprofile() is None else "The program has a profile function of its own."

    def attach(self) -> None:
        """Begins to note calls, in this thread and in new ones."""
        import threading

        self.is_on = True
        threading.setprofile(self._begin_thread)
        self._main_hook = self._hook(get_ident())
        sys.setprofile(self._main_hook)

    def detach(self) -> None:
        """Ends it. Each thread takes its hook away with its next call."""
        import threading

        self.is_on = False
        if getattr(threading, "_profile_hook", None) == self._begin_thread:
            threading.setprofile(None)
        if sys.getprofile() is self._main_hook:
            sys.setprofile(None)

    def replaced(self) -> bool:
        """Tells whether the program took the hook away; call it in the thread that attached it."""
        return self.is_on and sys.getprofile() is not self._main_hook

    def stack(self, frame: FrameType | None) -> list[CodeType]:
        """Returns the noted functions on a stack, root first."""
        return list(codes_of(frame))[::-1]

    def _begin_thread(self, frame: FrameType, event: str, argument: object) -> None:
        """Called once in a new thread, by its first event."""
        sys.setprofile(None)
        if not self.is_on:
            return
        ident = get_ident()
        name = str(getattr(active_threads().get(ident), "_name", ""))
        self._log.begun.setdefault(ident, []).append((get_native_id(), name))
        self._log.items.extend((BEGIN, clock_ns(), ident))
        hook = self._hook(ident)
        sys.setprofile(hook)
        hook(frame, event, argument)

    def _hook(self, thread: int) -> Callable:
        """Written for speed: it is called at every call of the thread's."""
        extend, clock, tasks = self._log.items.extend, clock_ns, self._log.tasks
        inside = []
        # By address, with the code itself, so that the address stays its own.
        beginnings: dict[int, tuple[CodeType, int]] = {}

        def is_resumed(code: CodeType, offset: int) -> bool:
            known = beginnings.get(id(code))
            if known is None:
                known = beginnings[id(code)] = code, _last_first_offset(code)
            return offset > known[1]

        def note(frame: FrameType, event: str, argument: object) -> None:
            if not self.is_on:
                sys.setprofile(None)
            elif event == "return":
                extend((EXIT, clock(), thread))
            elif event == "call":
                code = frame.f_code
                if code.co_flags & _CAN_YIELD and is_resumed(code, frame.f_lasti):
                    now = clock()
                    extend((RESUME, now, thread, code, now, thread))
                else:
                    if code.co_name == STEP_NAME and is_step(code):
                        tasks.add(thread, frame)
                        extend((TASK, clock(), thread))
                    extend((code, clock(), thread))
            elif event == "c_call":
                call = chosen_call(argument)
                if call is not None:
                    inside.append(call)
                    extend((call, clock(), thread))
            elif inside and inside[-1] is chosen_call(argument):
                inside.pop()
                extend((EXIT, clock(), thread))

        return note


def _last_first_offset(code: CodeType) -> int:
    """Returns where a generator or coroutine stands at most when it begins, rather than goes on.

    Up to 3.10 no instruction has run then. In 3.11 it stands at its first `RESUME`.
    """
    if sys.version_info < (3, 11):
        return -1
    return max(code.co_code[::2].find(_RESUME), 0) * 2
