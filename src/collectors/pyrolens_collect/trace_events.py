"""What the hooks note of a traced program until the writer takes it.

One list for all threads, three items for each event, put in by one call that no other thread can come
between: what happened, when, and in which thread. A code object or a `CompiledCall` is entered; `EXIT`
leaves the innermost one, `RESUME` says of the next that it goes on where it yielded, `BEGIN` is a thread's
first event, `TASK` says that a task's step begins (`trace_tasks.py`).
"""

from __future__ import annotations

from itertools import compress

from pyrolens_collect.trace_tasks import TaskMarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    # Ident, what happened, and when.
    Part = tuple[int, list[object], list[int]]

EXIT, RESUME, BEGIN, TASK = 0, 1, 2, 3
"""Markers are known by their addresses: small integers have one each."""

_WIDTH = 3
_MAX_SINGLE = 50
PORTION = 10_000 * _WIDTH
"""So many items stay in a processor's cache while they are gone through several times."""


class EventLog:
    """The events that nobody has taken yet."""

    def __init__(self) -> None:
        """Starts empty."""
        self.items: list[object] = []
        # Threads that began, by ident: OS thread ids and names.
        self.begun: dict[int, list[tuple[int, str]]] = {}
        self.tasks = TaskMarks()

    def take(self, count: int, own: int) -> Iterator[list[Part]]:
        """Takes the first `count` items; yields them in portions, of each thread but `own` a part."""
        taken = self.items[:count]
        del self.items[:count]
        for start in range(0, count, PORTION):
            end = start + PORTION
            columns = (
                taken[start:end:_WIDTH],
                taken[start + 1 : end : _WIDTH],
                taken[start + 2 : end : _WIDTH],
            )
            yield list(_by_thread(columns, own))


def _by_thread(columns: tuple[list[object], list[int], list[int]], own: int) -> Iterator[Part]:
    happened, times, idents = columns
    # Mostly all are of one thread: counting costs less than half of what a set does.
    if idents[0] != own and idents.count(idents[0]) == len(idents):
        yield idents[0], happened, times
        return
    # A few of many: cheaper than to go through all.
    for _ in range(min(idents.count(own), _MAX_SINGLE)):
        at = idents.index(own)
        for column in columns:
            del column[at]
    threads = set(idents)
    for ident in threads - {own}:
        if len(threads) == 1:
            yield ident, happened, times
        else:
            mask = list(map(ident.__eq__, idents))
            yield ident, list(compress(happened, mask)), list(compress(times, mask))
