"""Finds the functions that are called so often and end so soon that their calls cost more than they tell.

Counting is cheap and done always; the times of calls are worked out for the events of one look, and only
when a function has become due.
"""

from __future__ import annotations

from _collections import _count_elements

_HOT_CALLS = 2000
_FEWEST_CALLS = 200
_TINY_NS = 10_000
_SLOW_NS = 1_000_000
# A function that did not prove tiny is judged again after as many calls; later ever less often.
_TRIES = 8
_PATIENCE = 4
_OWN_SPANS = 8
_FIRST_FUNCTION = 2


class _Calls:
    """The calls of one function in the events at hand."""

    __slots__ = ("count", "longest_ns", "total_ns")

    def __init__(self) -> None:
        self.count = self.total_ns = self.longest_ns = 0

    def add(self, lasted_ns: int) -> None:
        self.count += 1
        self.total_ns += lasted_ns
        self.longest_ns = max(self.longest_ns, lasted_ns)

    @property
    def is_tiny(self) -> bool:
        if self.count < _FEWEST_CALLS or self.longest_ns >= _SLOW_NS:
            return False
        return self.total_ns < self.count * _TINY_NS


class TraceHeat:
    """How often each token was entered, and when it is judged next."""

    def __init__(self) -> None:
        """Knows no token yet."""
        self.calls: dict[int, int] = {}
        self._due: dict[int, int] = {}
        self._tries: dict[int, int] = {}
        # When our own thread kept the program's from running: from, until, and for how long.
        self._own_spans: list[tuple[int, int, int]] = []

    def note_own(self, began_ns: int, ended_ns: int, cpu_ns: int) -> None:
        """Tells that our own thread used the processor: what calls waited for it does not make them slow."""
        self._own_spans = [*self._own_spans[1 - _OWN_SPANS :], (began_ns, ended_ns, cpu_ns)]

    def doubt(self, token: int) -> None:
        """Lets a token prove itself anew that was called tiny and had a long call."""
        self._put_off(token)

    def judge(self, threads: list[tuple[list[int], list[int]]]) -> dict[int, int]:
        """Takes the next tokens and times of each thread; returns what proved tiny, with its mean time."""
        due = set()
        for tokens, _ in threads:
            counts: dict[int, int] = {}
            _count_elements(counts, tokens)
            due.update(token for token, count in counts.items() if self._add(token, count))
        if not due:
            return {}
        found = self._call_times(threads, due)
        tiny = {token: calls.total_ns // calls.count for token, calls in found.items() if calls.is_tiny}
        for token in due:
            self._put_off(token)
        return tiny

    def _put_off(self, token: int) -> None:
        tries = self._tries[token] = self._tries.get(token, 0) + 1
        calls = self.calls[token]
        self._due[token] = calls + _HOT_CALLS if tries < _TRIES else calls * _PATIENCE

    def _add(self, token: int, count: int) -> bool:
        if token < _FIRST_FUNCTION:
            return False
        calls = self.calls[token] = self.calls.get(token, 0) + count
        return calls >= self._due.get(token, _HOT_CALLS)

    def _call_times(self, threads: list[tuple[list[int], list[int]]], wanted: set[int]) -> dict[int, _Calls]:
        found = {token: _Calls() for token in wanted}
        for tokens, times in threads:
            entered: list[tuple[int, int]] = []
            for token, at_ns in zip(tokens, times):
                if token >= _FIRST_FUNCTION:
                    entered.append((token, at_ns))
                elif token == 0 and entered:
                    left, began_ns = entered.pop()
                    if left in wanted:
                        found[left].add(self._own_time_ns(began_ns, at_ns))
        return found

    def _own_time_ns(self, began_ns: int, ended_ns: int) -> int:
        """Returns how long a call took without our own doing."""
        lasted_ns = ended_ns - began_ns
        if lasted_ns >= _SLOW_NS:
            for began, ended, cpu_ns in self._own_spans:
                common_ns = min(ended, ended_ns) - max(began, began_ns)
                lasted_ns -= max(0, min(common_ns, cpu_ns))
        return lasted_ns
