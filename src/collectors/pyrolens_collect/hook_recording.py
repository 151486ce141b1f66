"""Records what only the inside of a program knows, while the observer looks at its stacks from outside.

The thread that gathers comes twenty times a second: the collector, the loops and the executors stamp what
they do themselves, and where a suspended task waits the loop tells when it has polled.
"""

from __future__ import annotations

from pyrolens_collect import lifecycle
from pyrolens_collect.hook_sampler import HookSampler
from pyrolens_collect.start_gate import permit_tracer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyrolens_collect.stream import ChunkFile

# A program that has just begun imports asyncio and starts its loop soon.
_FIRST_INTERVAL_NS, _INTERVAL_NS = 4_000_000, 50_000_000
_GROWTH = 1.5


class HookRecording(lifecycle.Recording):
    """The hooks of this process, renewed in forked children."""

    part_prefix = "hooks"

    def __init__(self, run_dir: str, rate_hz: float) -> None:
        """Nothing starts before `begin`."""
        super().__init__(run_dir, rate_hz)
        self._next_interval_ns = _FIRST_INTERVAL_NS

    def begin(self, is_running: bool = False) -> None:
        """Starts the thread that gathers, and lets the observer look where it needs to be allowed to."""
        permit_tracer()
        self._next_interval_ns = _FIRST_INTERVAL_NS
        super().begin(is_running)

    def interval_ns(self) -> int:
        """Returns the time between ticks: longer from one to the next."""
        interval_ns = self._next_interval_ns
        self._next_interval_ns = min(int(interval_ns * _GROWTH), _INTERVAL_NS)
        return interval_ns

    def meta(self) -> dict[str, object]:
        """Returns what the file says of this process first."""
        return {**super().meta(), "engine": "hooks", "hasThreadCpu": False, "rateHzAsked": 0}

    def make_sampler(self, file: ChunkFile, meta: dict[str, object]) -> HookSampler:
        """Returns what gathers, with its hooks ready."""
        return HookSampler(file, self._log, meta["cwd"])


def start_in_process(run_dir: str) -> None:
    """Starts the hooks in this process and its forked children. Called once, by Pyrolens' `sitecustomize`."""
    lifecycle.start_in_process(run_dir, HookRecording)
