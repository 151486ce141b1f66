"""Threads at lines of their own, working and waiting at the same time."""

import hashlib
import threading
import time

from truth import Truth

truth = Truth(__file__)
block = b"pyrolens" * 1_000_000


def sleep_often():
    while truth.is_before(3.5):
        began = truth.now()
        time.sleep(0.03)  # truth: sleeping waiting
        truth.add("sleeping", began)
        spin(0.03)


def hash_often():
    while truth.is_before(3.5):
        began = truth.now()
        hashlib.sha256(block)  # truth: hashing computing
        truth.add("hashing", began)
        began = truth.now()
        time.sleep(0.05)  # truth: resting waiting
        truth.add("resting", began)


def spin(seconds):
    began = truth.now()
    while truth.now() - began < seconds * 1e9:
        pass


def spin_often():
    while truth.is_before(3.5):
        began = truth.now()
        spin(0.04)  # truth: spinning computing
        truth.add("spinning", began)
        time.sleep(0.06)


threads = [threading.Thread(target=work) for work in (sleep_often, hash_often, spin_often)]
for thread in threads:
    thread.start()
began = truth.now()
for thread in threads:
    thread.join()  # truth: joining waiting
truth.add("joining", began)
truth.report()
