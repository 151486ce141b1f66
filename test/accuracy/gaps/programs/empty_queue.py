"""The main thread waits at an empty queue of either kind, whose producer sleeps."""

import queue
import threading
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)


def produce(orders, seconds):
    for duration in seconds:
        time.sleep(duration)  # holder
        orders.put(duration)


def consume(orders):
    for _ in range(12):
        with truth.span("sync.queue.empty", victim="victim", holder="holder", role="dependency"):
            orders.get()  # victim


for kind in (queue.Queue, queue.SimpleQueue):
    orders = kind()
    durations = [truth.cause_seconds(20) for _ in range(12)]
    producer = threading.Thread(target=produce, args=(orders, durations), name="producer")
    producer.start()
    consume(orders)
    producer.join()
truth.write()
