"""Serves until it is ended."""

import sys
import time


def serve() -> None:
    total = 0
    print("serving with", sys.argv[1:], flush=True)
    while True:
        total += sum(range(20_000))
        time.sleep(0.001)


serve()
