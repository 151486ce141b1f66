"""Tasks of one loop: awaits that overlap, work that blocks the loop, and a thread's work awaited."""

import asyncio
import hashlib

from truth import Truth

truth = Truth(__file__)
# Long enough for two looks of the sampler on a fast machine: shorter sections are not resolved.
block = b"pyrolens" * 5_000_000


def spin(seconds):
    began = truth.now()
    while truth.now() - began < seconds * 1e9:
        pass


async def nap():
    await asyncio.sleep(0.08)


async def napper():
    while truth.is_before(3.5):
        began = truth.now()
        await nap()  # truth: napping waiting
        truth.add("napping", began)
        began = truth.now()
        spin(0.03)  # truth: blocking computing
        truth.add("blocking", began)


async def ticks(count):
    for number in range(count):
        await asyncio.sleep(0.02)
        yield number


async def listener():
    while truth.is_before(3.5):
        began = truth.now()
        async for _ in ticks(3):  # truth: listening waiting
            pass
        truth.add("listening", began)
        began = truth.now()
        await asyncio.sleep(0.05)  # truth: pausing waiting
        truth.add("pausing", began)


async def hasher():
    loop = asyncio.get_running_loop()
    while truth.is_before(3.5):
        began = truth.now()
        await loop.run_in_executor(None, hashlib.sha256, block)  # truth: hashing waiting
        truth.add("hashing", began)
        began = truth.now()
        await asyncio.sleep(0.04)  # truth: resting waiting
        truth.add("resting", began)


async def main():
    await asyncio.gather(napper(), listener(), hasher())


asyncio.run(main())
truth.report()
