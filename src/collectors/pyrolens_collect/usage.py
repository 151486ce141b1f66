"""What the kernel counts of this process: fresh and missing pages, and how long a limit stopped it.

Page faults cost a microsecond and less each; a line that touches memory for the first time spends its time in
them. They are read once a look, which keeps the GIL; only where there are many is something written. The
container's counter is a file: it is read when nobody got on for a while, which is rare.
"""

from __future__ import annotations

import os
import sys

from pyrolens_collect.records import USAGE, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Fewer fresh pages a millisecond are the usual growth of a program.
_MINOR_PER_MS = 20
_LEAST_MINOR = 100
_LEAST_MAJOR = 4
# So long nobody got on …
_STANDSTILL_NS = 10_000_000
# … if the threads used less than this share of it.
_STANDSTILL_SHARE = 0.5
_GROUP_FILE = "/proc/self/cgroup"
_ROOTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct")


class ProcessUsage:
    """The counters of a process. Used by the sampler's thread."""

    def __init__(self, records: Records) -> None:
        """Call it before the program runs: it imports `resource`, and takes it away again."""
        self._records = records
        self._getrusage, self._self = _resource()
        self._minor = self._major = 0
        self._kernel_s = 0.0
        self._standstill: tuple[int, int] | None = None
        self._throttled_ns = 0
        self._group = ""
        if self._getrusage is not None:
            self._take()

    def look(self, lane: int, end_ns: int, duration_ns: int, cpu_ns: int) -> None:
        """Writes what happened in the time that ends at `end_ns`, of which the threads used `cpu_ns`."""
        if duration_ns >= _STANDSTILL_NS and cpu_ns < duration_ns * _STANDSTILL_SHARE:
            self._standstill = (end_ns, duration_ns)
        if self._getrusage is None:
            return
        kernel_ns, minor, major = self._take()
        is_much = minor >= max(_LEAST_MINOR, duration_ns * _MINOR_PER_MS // 1_000_000)
        if is_much or major >= _LEAST_MAJOR:
            self._records.add(USAGE, lane, end_ns, duration_ns, kernel_ns, minor, major, 0)

    def look_at_limit(self, lane: int, after_call: Callable[[], None]) -> None:
        """Asks whether a limit of the container was what stopped the process just now.

        Reads files, and so gives the GIL away.
        """
        if self._standstill is None:
            return
        (end_ns, duration_ns), self._standstill = self._standstill, None
        stopped_ns = self._take_throttled()
        after_call()
        if duration_ns * _STANDSTILL_SHARE < stopped_ns:
            self._records.add(USAGE, lane, end_ns, duration_ns, 0, 0, 0, stopped_ns)

    def _take(self) -> tuple[int, int, int]:
        usage = self._getrusage(self._self)
        kernel_s, minor, major = usage.ru_stime, usage.ru_minflt, usage.ru_majflt
        taken = (int((kernel_s - self._kernel_s) * 1e9), minor - self._minor, major - self._major)
        self._kernel_s, self._minor, self._major = kernel_s, minor, major
        return taken

    def _take_throttled(self) -> int:
        """Returns for how long it was stopped since the last call; 0 when that is not known."""
        group, total_ns = _throttled_ns()
        before, self._throttled_ns = self._throttled_ns, total_ns
        is_known = group == self._group
        self._group = group
        return total_ns - before if is_known else 0


def _resource() -> tuple[Callable[[int], object] | None, int]:
    """Returns `resource.getrusage`; the program shall find the module as it would without us."""
    was_there = "resource" in sys.modules
    try:
        import resource
    except ImportError:
        return None, 0
    if not was_there:
        sys.modules.pop("resource", None)
    return resource.getrusage, resource.RUSAGE_SELF


def _throttled_ns() -> tuple[str, int]:
    """Returns the file that counts how long a limit stopped the process's group, and what it says."""
    for path in _group_paths():
        for root in _ROOTS:
            file = os.path.join(root, path, "cpu.stat")
            numbers = _numbers_in(file)
            if "throttled_usec" in numbers:
                return file, numbers["throttled_usec"] * 1000
            if "throttled_time" in numbers:
                return file, numbers["throttled_time"]
    return "", 0


def _group_paths() -> list[str]:
    """Returns the process's groups; inside of a container its own is the root."""
    paths = []
    try:
        with open(_GROUP_FILE, encoding="utf-8") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                if controllers == "" or "cpu" in controllers.split(","):
                    paths.append(path.lstrip("/"))
    except (OSError, ValueError):
        pass
    # A group of its own says more than the root.
    return sorted(paths, key=len, reverse=True) + [""]


def _numbers_in(file: str) -> dict[str, int]:
    try:
        with open(file, encoding="ascii") as lines:
            return {name: int(number) for name, number in (line.split() for line in lines)}
    except (OSError, ValueError):
        return {}
