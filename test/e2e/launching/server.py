"""Serves until it is ended, or for five minutes: a test that failed may leave it behind."""

import sys
import time

MOST_S = 300


def serve() -> None:
    total = 0
    print("serving with", sys.argv[1:], flush=True)
    end = time.monotonic() + MOST_S
    while time.monotonic() < end:
        total += sum(range(20_000))
        time.sleep(0.001)


serve()
