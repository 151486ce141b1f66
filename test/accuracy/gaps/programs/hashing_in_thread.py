"""Nothing is wrong here: a large buffer is hashed in a thread while the loop's heartbeat goes on."""

import asyncio
import hashlib

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
truth.watch_collections()
buffer = bytes(8_000_000)


def digest(rounds):
    for _ in range(rounds):
        hashlib.sha256(buffer).hexdigest()


async def heartbeat():
    while True:
        await asyncio.sleep(0.02)


async def main():
    beat = asyncio.create_task(heartbeat())
    with truth.span("loop.idle", role="benign"):
        for _ in range(10):
            began = now()
            await asyncio.to_thread(digest, 6)  # awaiting
            facts = {"task": "hasher", "victim": "awaiting", "role": "dependency"}
            truth.add("task.await.executor", began, now(), **facts)
            await asyncio.sleep(truth.seconds())
    beat.cancel()


async def named():
    await asyncio.create_task(main(), name="hasher")


asyncio.run(named())
truth.write()
