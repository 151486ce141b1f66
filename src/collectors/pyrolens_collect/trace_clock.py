"""The clock of traces: that of all recordings, as fine as the system has it."""

from __future__ import annotations

import sys
import time

# Before 3.13 Windows' monotonic clock moves in steps of 16 ms; the other one counts from another moment.
_IS_COARSE = sys.platform == "win32" and sys.version_info < (3, 13)

clock_ns = time.perf_counter_ns if _IS_COARSE else time.monotonic_ns
"""Counts nanoseconds from some moment; `monotonic_shift_ns` leads from there to `time.monotonic_ns`."""


def monotonic_shift_ns() -> int:
    """Returns what to add to the clock's stamps."""
    return time.monotonic_ns() - clock_ns() if _IS_COARSE else 0
