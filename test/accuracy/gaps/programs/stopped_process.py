"""Nothing is wrong here: the whole process is stopped from outside for a while, and goes on."""

import os
import subprocess

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
truth.watch_collections()


def work(seconds):
    """Computes, and notes when it did not get on."""
    until = last = now()
    until += int(seconds * 1e9)
    total = 0
    while last < until:
        for number in range(2000):
            total += number * number
        this = now()
        if this - last > 150_000_000:
            truth.add("sched.frozen", last, this, role="benign")
        last = this
    return total


for _ in range(8):
    work(truth.seconds())
    stop = f"kill -STOP {os.getpid()}; sleep {truth.seconds(220, 400)}; kill -CONT {os.getpid()}"
    stopper = subprocess.Popen(["sh", "-c", stop])
    work(0.5)
    stopper.wait()
truth.write()
