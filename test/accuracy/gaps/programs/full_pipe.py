"""The main thread writes more into a pipe than it holds, and whoever reads it comes late."""

import os
import threading
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)
source, drain = os.pipe()
MESSAGE = bytes(64 * 1024 + 1)


def read_late(seconds):
    time.sleep(seconds)  # holder
    missing = len(MESSAGE)
    while missing:
        missing -= len(os.read(source, missing))


for _ in range(20):
    reader = threading.Thread(target=read_late, args=(truth.cause_seconds(20),), name="reader")
    reader.start()
    with truth.span("ipc.pipe.write", victim="victim", holder="holder", role="dependency"):
        os.write(drain, MESSAGE)  # victim
    reader.join()
    time.sleep(truth.seconds())
truth.write()
