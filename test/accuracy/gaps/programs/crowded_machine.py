"""One thread computes while more processes want a processor than there are."""

import os
import subprocess
import sys

from truth_rows import TruthRows, compute, now, queued_ns, skip

truth = TruthRows(__file__)
PHASE_NS = 150_000_000
BURNER = "while True: pass"


def spin():
    """Computes for a while, and says what the kernel knows: how long it was ready and had no processor."""
    began, waited = now(), queued_ns()
    total = 0
    while now() - began < PHASE_NS:
        for number in range(300):  # victim
            total += number * number  # victim
    return began, now(), queued_ns() - waited


def main():
    burners = [
        subprocess.Popen([sys.executable, "-S", "-c", BURNER])
        for _ in range(3 * len(os.sched_getaffinity(0)))
    ]
    try:
        compute(0.3)
        for _ in range(12):
            began, ended, waited = spin()
            is_crowded = waited > (ended - began) * 0.5
            truth.add(
                "sched.runq" if is_crowded else "unsettled", began, ended, role="victim", victim="victim"
            )
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


if queued_ns() is None:
    skip("the kernel does not tell how long a thread was ready")
main()
truth.write()
