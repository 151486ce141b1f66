"""A coroutine computes while two others are due."""

import asyncio

from truth_rows import TruthRows, now

truth = TruthRows(__file__)


def score(seconds):
    until = now() + int(seconds * 1e9)
    best = 0
    while now() < until:  # victim
        best = max(best, sum(number * number for number in range(2000)))  # victim
    return best


async def tick():
    while True:
        await asyncio.sleep(0.01)


async def main():
    others = [asyncio.create_task(tick()) for _ in range(2)]
    for _ in range(20):
        seconds = truth.cause_seconds(25)
        facts = {"victim": "victim", "role": "culprit", "computes": "yes"}
        with truth.span("loop.blocked(run.python)", **facts):
            score(seconds)
        await asyncio.sleep(truth.seconds())
    for other in others:
        other.cancel()


asyncio.run(main())
truth.write()
