"""Keeps Python from warning of our own thread when the program forks.

Since 3.12 `os.fork` warns when the process has several threads. 3.14, 3.15 and later 3.13s count
them before the parent's hooks run, when our thread is gone; 3.12.1 and 3.13.0 count after them, when it is
back. So for that one warning, and only when the program itself had a single thread, a filter is put in
front. It removes itself when it has been asked, or else at the sampler's next check.
"""

from __future__ import annotations

import os
import sys

_MAY_BE_NEEDED = sys.version_info[:2] in ((3, 12), (3, 13))


class ForkWarning:
    """A filter entry's message matcher, asked by `warnings` for each warning."""

    def __init__(self) -> None:
        """Does nothing before `expect`."""
        self._is_single = False
        self._entry = ("ignore", self, DeprecationWarning, None, 0)

    def note_thread_count(self) -> None:
        """Call it before the fork, when our thread is gone."""
        if _MAY_BE_NEEDED:
            self.withdraw()
            self._is_single = _thread_count() == 1

    def expect(self) -> None:
        """Call it in the parent after the fork: the next warning of threads would be our fault."""
        if _MAY_BE_NEEDED and self._is_single:
            _filters().insert(0, self._entry)

    def match(self, text: str) -> bool:
        """Tells whether it is the warning to leave out; called by the `warnings` module."""
        is_ours = "is multi-threaded, use of fork" in text
        if is_ours:
            self.withdraw()
        return is_ours

    def withdraw(self) -> None:
        """Takes the filter away again, if it is there."""
        filters = _filters()
        if self._entry in filters:
            filters.remove(self._entry)


def _filters() -> list[object]:
    # `_warnings` holds the list until the program imports `warnings`.
    module = sys.modules.get("warnings") or sys.modules.get("_warnings")
    return getattr(module, "filters", [])


def _thread_count() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 0
