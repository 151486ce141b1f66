"""Nothing is wrong here: workers wait for work that comes now and then, and their locks are free."""

import queue
import threading

from truth_rows import TruthRows, compute

truth = TruthRows(__file__)
truth.watch_collections()
jobs = queue.Queue()
count_lock = threading.Lock()
counts = {}


def work(name):
    while jobs.get() is not None:
        with count_lock:
            counts[name] = counts.get(name, 0) + 1


workers = [threading.Thread(target=work, args=(number,), name=f"worker {number}") for number in range(3)]
for worker in workers:
    worker.start()
for _ in range(30):
    jobs.put("job")
    with truth.span("none", computes="yes"):
        compute(truth.seconds())
for _ in workers:
    jobs.put(None)
for worker in workers:
    worker.join()
truth.write()
