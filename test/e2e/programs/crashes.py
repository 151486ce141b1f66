"""Works for a while, then raises."""

import time


def work(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(1000))


def fail():
    raise ValueError("the jug is broken")


work(0.8)
fail()
