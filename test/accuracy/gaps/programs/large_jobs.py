"""A pool of processes gets 20 MB and gives 20 MB back: most of the wait is moving them, 20 ms are work."""

import time
from concurrent.futures import ProcessPoolExecutor

from truth_rows import TruthRows, compute, now

truth = TruthRows(__file__)
SIZE = 20_000_000


class Stamp:
    """Notes when it is pickled and unpickled: before and behind what it stands beside."""

    def __init__(self, moments):
        self.moments = moments

    def __reduce__(self):
        return _unpickled, ([*self.moments, now()],)


def _unpickled(moments):
    return Stamp([*moments, now()])


def work(parcel):
    first, content, last = parcel
    began = now()
    compute(0.02)
    times = [*first.moments, *last.moments, began, now()]
    return times, Stamp([]), content[::-1], Stamp([])


def stages(there, back):
    """Moments of the pickling and unpickling on both ways, as (class, from, until)."""
    times, first, _, last = back
    (pickles, loads), (pickled, loaded) = times[0:2], times[2:4]
    (answers, reads), (answered, read) = first.moments, last.moments
    return [
        ("handoff.pickle", pickles, pickled),
        ("handoff.pipe", pickled, loads),
        ("handoff.pickle", loads, loaded),
        ("sync.future", times[4], times[5]),
        ("handoff.pickle", answers, answered),
        ("handoff.pipe", answered, reads),
        ("handoff.pickle", reads, read),
    ]


def main():
    facts = {"victim": "victim", "role": "dependency"}
    with ProcessPoolExecutor(1) as pool:
        pool.submit(abs, 1).result()
        for _ in range(12):
            parcel = Stamp([]), bytes(SIZE), Stamp([])
            future = pool.submit(work, parcel)
            back = future.result()  # victim
            for class_id, began, ended in stages(parcel, back):
                if ended - began >= 3_000_000:
                    truth.add(class_id, began, ended, **facts)
            time.sleep(truth.seconds())


if __name__ == "__main__":
    main()
    truth.write()
