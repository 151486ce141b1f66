"""Two accounts have a lock each, and a thread that sleeps in it: the main thread enters only one of them."""

import threading
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)


class Account:
    def __init__(self):
        self.mutex = threading.RLock()
        self.is_held = threading.Event()

    def audit(self, seconds):
        with self.mutex:
            self.is_held.set()
            time.sleep(seconds)  # holder

    def archive(self, seconds):
        with self.mutex:
            self.is_held.set()
            time.sleep(seconds)

    def deposit(self):
        self.mutex.acquire()  # victim
        try:
            return id(self)
        finally:
            self.mutex.release()


for _ in range(20):
    wanted, other = Account(), Account()
    threads = [
        threading.Thread(target=other.archive, args=(truth.seconds(90, 110),), name="archiver"),
        threading.Thread(target=wanted.audit, args=(truth.seconds(25, 80),), name="auditor"),
    ]
    for thread in threads:
        thread.start()
    for account in (wanted, other):
        account.is_held.wait()
    with truth.span("sync.lock", victim="victim", holder="holder", role="victim"):
        wanted.deposit()
    for thread in threads:
        thread.join()
truth.write()
