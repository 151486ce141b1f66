"""A pool with one worker gets two jobs, and the main thread waits for the second."""

import time
from concurrent.futures import ThreadPoolExecutor

from truth_rows import TruthRows

truth = TruthRows(__file__)


def occupy(seconds):
    time.sleep(seconds)  # holder


with ThreadPoolExecutor(max_workers=1) as pool:
    for _ in range(20):
        pool.submit(occupy, truth.seconds())
        second = pool.submit(occupy, truth.seconds())
        with truth.span("sync.future", victim="victim", holder="holder", role="dependency"):
            second.result()  # victim
truth.write()
