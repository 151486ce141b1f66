"""CPU time of single threads, on Linux.

`time.pthread_getcpuclockid` of another thread is undefined behaviour once that thread has ended, so the
clock's id is computed from the kernel's thread id instead, the way the kernel does it itself
(include/linux/posix-timers_types.h: complement of the id, shifted by 3, 4 for «one thread», 2 for
«scheduler's count»). A dead id is then an error, never a crash.
"""

from __future__ import annotations

import sys
import time

HAS_THREAD_CPU = sys.platform.startswith("linux") and hasattr(time, "clock_gettime_ns")


def thread_cpu_ns(tid: int) -> int | None:
    """Returns the CPU time the thread with this OS id has used since its start; None if unknown."""
    if not HAS_THREAD_CPU or tid <= 0:
        return None
    try:
        return time.clock_gettime_ns((~tid << 3) | 6)
    except (OSError, OverflowError):
        return None
