"""Finds the functions that are called so often and end so soon that their calls cost more than they tell.

Counting is cheap and done always; the times of calls are worked out only while a function is due. It is tiny
when so many calls in a row were short: one that is slow, or that the system let wait, begins the row anew.
"""

from __future__ import annotations

from _collections import _count_elements

_HOT_CALLS = 2000
_CALLS_IN_A_ROW = 1000
_TINY_NS = 10_000
_SLOW_NS = 1_000_000
# A function is judged in so many portions of events, and then again after so many times the calls.
_TRIES = 30
_PATIENCE = 4
_FIRST_FUNCTION = 2


class _Row:
    """The calls of one function since its last slow one."""

    __slots__ = ("count", "total_ns", "tries")

    def __init__(self) -> None:
        self.count = self.total_ns = self.tries = 0

    def add(self, lasted_ns: int) -> None:
        if lasted_ns < _SLOW_NS:
            self.count += 1
            self.total_ns += lasted_ns
        elif self.count < _CALLS_IN_A_ROW:
            self.count = self.total_ns = 0

    @property
    def is_tiny(self) -> bool:
        return self.count >= _CALLS_IN_A_ROW and self.total_ns < self.count * _TINY_NS


class TraceHeat:
    """How often each token was entered, and when it is judged next."""

    def __init__(self) -> None:
        """Knows no token yet."""
        self.calls: dict[int, int] = {}
        self._due: dict[int, int] = {}
        self._rows: dict[int, _Row] = {}

    def judge(self, threads: list[tuple[list[int], list[int]]]) -> dict[int, int]:
        """Takes the next tokens and times of each thread; returns what proved tiny, with its mean time."""
        due = {token for tokens, _ in threads for token in self._add(tokens)}
        if not due:
            return {}
        rows = {token: self._rows.setdefault(token, _Row()) for token in due}
        for tokens, times in threads:
            _add_calls(rows, tokens, times)
        tiny = {token: row.total_ns // row.count for token, row in rows.items() if row.is_tiny}
        for token, row in rows.items():
            row.tries += 1
            if token in tiny or row.tries == _TRIES:
                self.doubt(token, 1 if token in tiny else _PATIENCE)
        return tiny

    def doubt(self, token: int, patience: int = 1) -> None:
        """Lets a token prove itself anew, after `patience` times the calls that it has had."""
        self._rows.pop(token, None)
        self._due[token] = self.calls.get(token, 0) * patience + _HOT_CALLS

    def _add(self, tokens: list[int]) -> list[int]:
        """Counts, and returns what is due."""
        counts: dict[int, int] = {}
        _count_elements(counts, tokens)
        due = []
        for token, count in counts.items():
            calls = self.calls[token] = self.calls.get(token, 0) + count
            if token >= _FIRST_FUNCTION and calls >= self._due.get(token, _HOT_CALLS):
                due.append(token)
        return due


def _add_calls(rows: dict[int, _Row], tokens: list[int], times: list[int]) -> None:
    entered: list[tuple[int, int]] = []
    for token, at_ns in zip(tokens, times):
        if token >= _FIRST_FUNCTION:
            entered.append((token, at_ns))
        elif token == 0 and entered:
            left, began_ns = entered.pop()
            row = rows.get(left)
            if row is not None:
                row.add(at_ns - began_ns)
