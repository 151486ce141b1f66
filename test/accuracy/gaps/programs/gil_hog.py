"""A thread keeps the GIL in one call of C, again and again, beside a main thread that computes."""

import threading
import time

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
began = now()
sum(range(300_000))
numbers_per_second = 300_000 * 1e9 / (now() - began)
is_over = threading.Event()
calls = []


def hog():
    for _ in range(20):
        time.sleep(truth.seconds(20, 60))
        many = range(int(truth.seconds(30, 90) * numbers_per_second))
        began = now()
        sum(many)  # holder
        calls.append((began, now()))
    is_over.set()


def work():
    """Notes each stretch in which it did not get on, at lines that cannot block."""
    last = now()
    stalls = []
    while not is_over.is_set():
        total = 0
        for number in range(3000):  # victim
            total += number * number  # victim
        this = now()
        if this - last > 10_000_000:
            stalls.append((last, this))
        last = this
    return stalls


thread = threading.Thread(target=hog, name="hog")
thread.start()
truth.add_overlaps("rt.gil", work(), calls, 10_000_000, victim="victim", holder="holder", role="victim")
thread.join()
truth.write()
