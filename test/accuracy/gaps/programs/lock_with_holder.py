"""A thread sleeps inside `with lock`, and the main thread enters the same lock."""

import threading
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)
lock = threading.Lock()
is_held = threading.Event()


def hold(seconds):
    with lock:
        is_held.set()
        time.sleep(seconds)  # holder


def wait_for_holder():
    with lock:  # victim
        return threading.active_count()


for _ in range(20):
    is_held.clear()
    holder = threading.Thread(target=hold, args=(truth.cause_seconds(20),), name="holder")
    holder.start()
    is_held.wait()
    with truth.span("sync.lock", victim="victim", holder="holder", role="victim"):
        wait_for_holder()
    holder.join()
    with truth.span("timer.sleep", victim="rest"):
        time.sleep(truth.seconds())  # rest
truth.write()
