"""A thread schedules callbacks on a loop that sleeps, and does not wake it."""

import asyncio
import threading
import time

from truth_rows import TruthRows, now

truth = TruthRows(__file__)


def note(scheduled):
    facts = {"victim": "victim", "role": "culprit"}
    if now() - scheduled > 5_000_000:
        truth.add("loop.missed_wake", scheduled, now(), **facts)


def disturb(loop, waits):
    for seconds in waits:
        time.sleep(seconds)
        loop.call_soon(note, now())  # victim


async def main():
    waits = [truth.seconds(60, 140) for _ in range(20)]
    args = (asyncio.get_running_loop(), waits)
    thread = threading.Thread(target=disturb, args=args, name="disturber")
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(truth.seconds(60, 110))


asyncio.run(main())
truth.write()
