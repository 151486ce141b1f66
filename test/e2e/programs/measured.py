"""Measures itself: prints the seconds that its two marked lines took, and its own duration, as JSON."""

import json
import time


def busy(seconds):
    turns = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        turns += sum(n * n for n in range(200))  # busy
    return turns


def idle(seconds):
    time.sleep(seconds)  # idle


started = time.perf_counter()
busy(1.5)
worked = time.perf_counter()
idle(1.0)
slept = time.perf_counter()
print(json.dumps({"busy": worked - started, "idle": slept - worked, "total": slept - started}))
