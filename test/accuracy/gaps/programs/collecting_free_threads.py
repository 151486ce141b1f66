"""Without a GIL: one thread collects garbage again and again, which stops all others for a moment."""

import gc
import sys
import threading

from truth_rows import TruthRows, now, skip

truth = TruthRows(__file__)
is_over = threading.Event()
pauses = []


class Node:
    def __init__(self):
        self.me = self


def collect():
    nodes = [Node() for _ in range(400_000)]
    for _ in range(15):
        is_over.wait(truth.seconds())
        began = now()
        gc.collect()  # holder
        pauses.append((began, now()))
    is_over.set()
    nodes.clear()


def work():
    """Notes each stretch in which it did not get on."""
    last, total, stalls = now(), 0, []
    while not is_over.is_set():
        for number in range(2000):  # victim
            total += number * number  # victim
        this = now()
        if this - last > 8_000_000:
            stalls.append((last, this))
        last = this
    return stalls


if getattr(sys, "_is_gil_enabled", lambda: True)():
    skip("needs a free-threaded build")
thread = threading.Thread(target=collect, name="collector")
thread.start()
truth.add_overlaps("rt.stw", work(), pauses, 5_000_000, victim="victim", holder="holder", role="victim")
thread.join()
truth.write()
