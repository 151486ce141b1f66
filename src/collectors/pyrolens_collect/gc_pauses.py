"""Pauses of the garbage collector, from `gc.callbacks`."""

from __future__ import annotations

import gc
from _thread import get_ident
from time import monotonic_ns

_MAX_PENDING = 20_000


class GcPauses:
    """Collects pauses until the sampler fetches them. Works in whatever thread the collector ran."""

    def __init__(self) -> None:
        """Does nothing before `attach`."""
        self._started_ns = 0
        self._pending: list[tuple[int, int, int, int, int]] = []

    def attach(self) -> None:
        """Starts listening."""
        gc.callbacks.append(self._on_gc)

    def detach(self) -> None:
        """Stops listening; the program may have emptied the list of callbacks itself."""
        try:
            gc.callbacks.remove(self._on_gc)
        except ValueError:
            pass

    def fetch(self) -> list[tuple[int, int, int, int, int]]:
        """Takes the finished pauses: start, duration, generation, collected, thread ident."""
        fetched = []
        pending = self._pending
        # Popping one by one: the callback may append at any moment, from another thread.
        for _ in range(len(pending)):
            fetched.append(pending.pop(0))
        return fetched

    def _on_gc(self, phase: str, info: dict[str, int]) -> None:
        """Runs inside the collector, which does not start another one meanwhile."""
        if phase == "start":
            self._started_ns = monotonic_ns()
        elif self._started_ns and len(self._pending) < _MAX_PENDING:
            started = self._started_ns
            self._started_ns = 0
            duration = monotonic_ns() - started
            generation, collected = info.get("generation", 0), info.get("collected", 0)
            self._pending.append((started, duration, generation, collected, get_ident()))
