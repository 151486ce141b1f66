"""The main thread puts orders into a queue that is full, since whoever takes them out is slow."""

import queue
import threading
import time

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
orders = queue.Queue(maxsize=2)


def cook(inbox):
    while True:
        seconds = inbox.get()
        if seconds is None:
            return
        time.sleep(seconds)  # holder


cooks = threading.Thread(target=cook, args=(orders,), name="cook")
cooks.start()
for _ in range(30):
    began = now()
    orders.put(truth.cause_seconds(15, 80))  # victim
    if now() - began > 8_000_000:
        facts = {"victim": "victim", "holder": "holder", "role": "dependency"}
        truth.add("sync.queue.full", began, now(), **facts)
orders.put(None)
cooks.join()
truth.write()
