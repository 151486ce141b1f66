"""Many short callbacks are ready at once: none is long, together they stop the loop."""

import asyncio
import time

from truth_rows import TruthRows, now

truth = TruthRows(__file__)


def callback():
    until = now() + 500_000
    while now() < until:  # victim
        sum(range(200))  # victim


def other_callback():
    until = now() + 500_000
    while now() < until:  # victim
        max(range(200))  # victim


def note(moment):
    moment.set_result((now(), time.thread_time_ns()))


async def main():
    loop = asyncio.get_running_loop()
    facts = {"victim": "victim", "role": "culprit", "computes": "yes"}
    for _ in range(15):
        await asyncio.sleep(truth.seconds())
        first, last = loop.create_future(), loop.create_future()
        loop.call_soon(note, first)
        for number in range(200):
            loop.call_soon(callback if number % 2 else other_callback)
        loop.call_soon(note, last)
        (began, cpu_before), (ended, cpu) = await first, await last
        truth.add("loop.busy", began, ended, cpu_ns=cpu - cpu_before, **facts)


asyncio.run(main())
truth.write()
