"""Another process sleeps in a lock that this one enters, in a `with` and by a call."""

import multiprocessing
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)


def hold(shared, pipe):
    for seconds in iter(pipe.recv, None):
        with shared:
            pipe.send("held")
            time.sleep(seconds)  # holder


def enter(ours):
    with ours:  # victim
        return True


def enter_by_call(ours):
    ours.acquire()  # victim
    ours.release()


def main():
    lock = multiprocessing.Lock()
    ours, theirs = multiprocessing.Pipe()
    holder = multiprocessing.Process(target=hold, args=(lock, theirs), name="holder")
    holder.start()
    for number in range(20):
        ours.send(truth.seconds(60, 110))
        ours.recv()
        with truth.span("sync.mp", victim="victim", holder="holder", role="victim"):
            (enter_by_call if number % 2 else enter)(lock)
        time.sleep(truth.seconds())
    ours.send(None)
    holder.join()


if __name__ == "__main__":
    main()
    truth.write()
