"""The container may use a quarter of a processor: one thread computes, and mostly stands still."""

import os

from truth_rows import TruthRows, now, skip

truth = TruthRows(__file__)
PERIOD_US, QUOTA_US = 100_000, 25_000
ROOTS = ("/sys/fs/cgroup/cpu", "/sys/fs/cgroup", "/sys/fs/cgroup/unified")


class Limit:
    """A control group of its own with a limit, while the program runs."""

    def __init__(self, root):
        self.root = root
        self.folder = os.path.join(root, f"pyrolens-truth-{os.getpid()}")
        os.mkdir(self.folder)
        try:
            if os.path.exists(os.path.join(self.folder, "cpu.cfs_quota_us")):
                self.write("cpu.cfs_period_us", PERIOD_US)
                self.write("cpu.cfs_quota_us", QUOTA_US)
            else:
                self.write("cpu.max", f"{QUOTA_US} {PERIOD_US}")
            self.write("cgroup.procs", os.getpid())
        except OSError:
            os.rmdir(self.folder)
            raise

    def write(self, name, value):
        # Without truncating or creating: these are not plain files.
        with open(os.path.join(self.folder, name), "r+", encoding="ascii") as file:
            file.write(str(value))

    def throttled_ns(self):
        with open(os.path.join(self.folder, "cpu.stat"), encoding="ascii") as file:
            numbers = dict(line.split() for line in file)
        return int(numbers.get("throttled_time", 0)) or 1000 * int(numbers.get("throttled_usec", 0))

    def end(self):
        with open(os.path.join(self.root, "cgroup.procs"), "r+", encoding="ascii") as file:
            file.write(str(os.getpid()))
        os.rmdir(self.folder)


def make_limit():
    for root in ROOTS:
        try:
            return Limit(root)
        except OSError:
            continue
    skip("no right to make a control group with a limit")


def work(seconds):
    """Returns each stretch in which it did not get on."""
    last = now()
    until = last + int(seconds * 1e9)
    total, stalls = 0, []
    while last < until:
        for number in range(2000):  # victim
            total += number * number  # victim
        this = now()
        if this - last > 15_000_000:
            stalls.append((last, this))
        last = this
    return stalls


limit = make_limit()
try:
    standstills = work(4)
    stopped_ns = limit.throttled_ns()
finally:
    limit.end()
is_limit = stopped_ns > 0.7 * sum(end - start for start, end in standstills)
for start, end in standstills:
    truth.add("sched.quota" if is_limit else "unsettled", start, end, role="victim", victim="victim")
truth.write()
