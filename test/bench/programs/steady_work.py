"""Does a fixed amount of work in one of four shapes and prints how long that took, in nanoseconds."""

import sys
import threading
import time

sys.setrecursionlimit(10_000)
shape, amount = sys.argv[1], int(sys.argv[2])


def work(count):
    total = 0
    for number in range(count):
        total += number * number
    return total


def repeat(count):
    for _ in range(count):
        work(300)


def below(depth):
    if depth == 0:
        repeat(amount)
    else:
        below(depth - 1)


def in_threads(count):
    threads = [threading.Thread(target=repeat, args=(amount // count,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


shapes = {
    "busy": lambda: below(18),
    "deep": lambda: below(198),
    "threads": lambda: in_threads(16),
    "idle": lambda: time.sleep(amount / 40_000),
}

began = time.perf_counter_ns()
shapes[shape]()
print(time.perf_counter_ns() - began, flush=True)
