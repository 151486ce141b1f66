"""Nothing is wrong here: one thread computes, and nobody waits for it."""

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
truth.watch_collections()


def crunch(seconds):
    until = now() + int(seconds * 1e9)
    table = {}
    while now() < until:
        for number in range(1000):
            table[number] = sorted((number % 7, number % 5, number % 3))
    return len(table)


with truth.span("none", computes="yes"):
    crunch(2)
truth.write()
