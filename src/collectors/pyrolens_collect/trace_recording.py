"""Begins and ends a trace in a process, as the sampler's recording does, with a tracer in its place."""

from __future__ import annotations

import os
import sys

from pyrolens_collect import lifecycle
from pyrolens_collect.last_tracer import LastTracer
from pyrolens_collect.trace_events import EventLog
from pyrolens_collect.tracer import Tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from pyrolens_collect.stream import ChunkFile
    from pyrolens_collect.trace_monitoring import Monitoring
    from pyrolens_collect.trace_profile import ProfileHook

MODE_VARIABLE = "PYROLENS_TRACE"
BUDGET_VARIABLE = "PYROLENS_TRACE_MB"
LAST_VARIABLE = "PYROLENS_LAST_S"
LAST_MEMORY_VARIABLE = "PYROLENS_LAST_MB"

_DEFAULT_BUDGET_MB = 500
# What a process keeps of its last seconds: names of functions come on top of it.
_DEFAULT_LAST_MB = 64
# What waits to be written takes memory: the writer comes whenever there is something to do.
_COST_SHARE = 0.9
# Writing what was noted takes longer than a look of the sampler does.
_END_LIMIT_S = 30.0


class TraceRecording(lifecycle.Recording):
    """The trace of this process, renewed in forked children, where the hooks go on."""

    def __init__(self, run_dir: str, rate_hz: float) -> None:
        """Nothing starts before `begin`."""
        super().__init__(run_dir, rate_hz)
        self.max_cost_share = _COST_SHARE
        self.end_limit_s = _END_LIMIT_S
        self._events = EventLog()
        self._hooks = _hooks(self._events)
        self._has_begun = False
        self._inside: list[CodeType] = []

    def begin(self, is_running: bool = False) -> None:
        """Starts the trace; one that has ended early does not begin again in a forked child."""
        if self._hooks.is_on or not self._has_begun:
            super().begin(is_running)

    def meta(self) -> dict[str, object]:
        """Returns what the file says of this process first."""
        return {**super().meta(), "engine": "tracer", "hasThreadCpu": False, "rateHzAsked": 0}

    def refusal(self) -> str | None:
        """Returns why this process cannot be traced; None when it can."""
        return super().refusal() or (None if self._hooks.is_on else self._hooks.refusal())

    def make_sampler(self, file: ChunkFile, meta: dict[str, object]) -> Tracer:
        """Returns the tracer, with its hooks attached."""
        tracer = self._make_tracer(file, meta)
        if self._hooks.is_on:
            tracer.begin_inside(self._inside)
        else:
            self._has_begun = True
            self._hooks.attach()
        return tracer

    def _make_tracer(self, file: ChunkFile, meta: dict[str, object]) -> Tracer:
        parts = (file, self._log, meta["cwd"], self._hooks, self._events)
        facts = {
            "is_adaptive": self._hooks.is_adaptive and os.environ.get(MODE_VARIABLE) != "full",
            "budget_mb": _positive(BUDGET_VARIABLE, _DEFAULT_BUDGET_MB),
        }
        last_s = _positive(LAST_VARIABLE, 0)
        if last_s == 0:
            return Tracer(*parts, **facts)
        limit_mb = _positive(LAST_MEMORY_VARIABLE, _DEFAULT_LAST_MB)
        return LastTracer(*parts, **facts, meta=meta, span_ns=last_s * 1_000_000_000, limit_mb=limit_mb)

    def after_fork_in_child(self) -> None:
        """Starts anew: what the parent has noted is the parent's, but for the calls that go on."""
        self._inside = self._hooks.stack(sys._getframe())
        self._events.items.clear()
        self._events.begun.clear()
        super().after_fork_in_child()
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            # A child of multiprocessing may end before the thread has looked for the first time.
            util.register_after_fork(self, TraceRecording.finish_at_multiprocessing_exit)


def start_in_process(run_dir: str) -> None:
    """Starts tracing in this process and its forked children. Called once, by the hook."""
    lifecycle.start_in_process(run_dir, TraceRecording)


def _hooks(events: EventLog) -> Monitoring | ProfileHook:
    if hasattr(sys, "monitoring"):
        from pyrolens_collect.trace_monitoring import Monitoring

        return Monitoring(events)
    from pyrolens_collect.trace_profile import ProfileHook

    return ProfileHook(events)


def _positive(variable: str, default: int) -> int:
    text = os.environ.get(variable, "")
    return int(text) if text.isdigit() and int(text) > 0 else default
