"""The main thread waits for an event that a thread sets after computing; another sets others all along."""

import threading
import time

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
is_over = threading.Event()


def prepare(seconds):
    until = now() + int(seconds * 1e9)
    total = 0
    while now() < until:  # holder
        total += sum(number * number for number in range(2000))  # holder
    return total


def produce(signal, seconds):
    prepare(seconds)
    signal.set()


def blink(ready):
    while not is_over.is_set():
        time.sleep(0.004)
        ready.set()
        ready.clear()


threading.Thread(target=blink, args=(threading.Event(),), name="blinker").start()
for _ in range(20):
    ready = threading.Event()
    producer = threading.Thread(target=produce, args=(ready, truth.cause_seconds(25)), name="producer")
    producer.start()
    with truth.span("sync.signal", victim="victim", holder="holder", role="dependency"):
        ready.wait()  # victim
    producer.join()
is_over.set()
truth.write()
