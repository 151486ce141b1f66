"""The main thread enters a held lock with a time limit: every other time it gives up."""

import threading
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)
guard = threading.Lock()
is_held = threading.Event()


def hold(seconds):
    with guard:
        is_held.set()
        time.sleep(seconds)  # holder


def try_to_enter(limit):
    if guard.acquire(timeout=limit):  # victim
        guard.release()
        return True
    return False


for number in range(20):
    gives_up = number % 2 == 1
    seconds = truth.seconds(40, 110) if gives_up else truth.cause_seconds(20)
    is_held.clear()
    holder = threading.Thread(target=hold, args=(seconds,), name="holder")
    holder.start()
    is_held.wait()
    facts = {"victim": "victim", "holder": "holder", "role": "victim", "grows": "no" if gives_up else "yes"}
    with truth.span("sync.lock", **facts):
        has_entered = try_to_enter(seconds * 0.4 if gives_up else 5)
    assert has_entered is not gives_up
    holder.join()
truth.write()
