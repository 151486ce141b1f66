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
# So late nobody got on, this thread neither …
_STANDSTILL_NS = 10_000_000
# … if the threads used less than this share of the time.
_STANDSTILL_SHARE = 0.5
_MAX_READINGS = 4
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
        # End and duration of those that nobody has asked about; the kernel may count a stop a little later.
        self._standstills: list[tuple[int, int]] = []
        self._readings_left = 0
        self._throttled_ns = 0
        self._group = ""
        if self._getrusage is not None:
            self._take()

    def look(self, lane: int, end_ns: int, duration_ns: int, late: tuple[int, int]) -> None:
        """Writes what happened in the time that ends at `end_ns`.

        `late` is how late the look comes, and how long all threads together used the CPU.
        """
        lateness_ns, cpu_ns = late
        is_late = min(lateness_ns, duration_ns) >= _STANDSTILL_NS
        if is_late and cpu_ns < duration_ns * _STANDSTILL_SHARE:
            self._readings_left = self._readings_left if self._standstills else _MAX_READINGS
            self._standstills.append((end_ns, duration_ns))
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
        if not self._standstills:
            return
        group, total_ns = _throttled_ns()
        after_call()
        standing_ns = sum(duration_ns for _, duration_ns in self._standstills)
        if group != self._group:
            # What happened before is not known, but where it can only have been this.
            self._group, self._throttled_ns = group, 0 if total_ns <= standing_ns else total_ns
        self._readings_left -= 1
        is_limit = total_ns - self._throttled_ns > standing_ns * _STANDSTILL_SHARE
        if is_limit:
            share = min((total_ns - self._throttled_ns) / standing_ns, 1)
            for end_ns, duration_ns in self._standstills:
                self._records.add(USAGE, lane, end_ns, duration_ns, 0, 0, 0, int(duration_ns * share))
        if is_limit or not self._readings_left:
            self._standstills.clear()
            self._throttled_ns = total_ns

    def _take(self) -> tuple[int, int, int]:
        usage = self._getrusage(self._self)
        kernel_s, minor, major = usage.ru_stime, usage.ru_minflt, usage.ru_majflt
        taken = (int((kernel_s - self._kernel_s) * 1e9), minor - self._minor, major - self._major)
        self._kernel_s, self._minor, self._major = kernel_s, minor, major
        return taken


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
