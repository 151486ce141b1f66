"""Ways of waiting: sleep, a lock, a queue, another thread, a pipe; and a little work."""

import os
import queue
import threading
import time

from truth import Truth

truth = Truth(__file__)
lock = threading.Lock()
jobs = queue.Queue()


def hold(seconds, held):
    with lock:
        held.set()
        time.sleep(seconds)


def feed(seconds, end):
    time.sleep(seconds)
    jobs.put(1)
    os.write(end, b"x")


while truth.is_before(3.5):
    held = threading.Event()
    holder = threading.Thread(target=hold, args=(0.05, held))
    holder.start()
    held.wait()
    began = truth.now()
    lock.acquire()  # truth: locked waiting
    truth.add("locked", began)
    lock.release()
    began = truth.now()
    time.sleep(0.04)  # truth: sleeping waiting
    truth.add("sleeping", began)
    reading, writing = os.pipe()
    feeder = threading.Thread(target=feed, args=(0.06, writing))
    feeder.start()
    began = truth.now()
    os.read(reading, 1)  # truth: reading waiting
    truth.add("reading", began)
    jobs.get()
    feeder = threading.Thread(target=feed, args=(0.03, writing))
    feeder.start()
    began = truth.now()
    jobs.get()  # truth: queued waiting
    truth.add("queued", began)
    feeder.join()
    os.close(reading)
    os.close(writing)
    began = truth.now()
    total = sum(number for number in range(600_000))  # truth: working computing
    truth.add("working", began)
truth.report()
