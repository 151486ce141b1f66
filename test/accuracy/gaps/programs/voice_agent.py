"""A small voice agent: a tick per audio frame, a recogniser in another process, three things that stutter."""

import asyncio
import gc
import json
import time
from concurrent.futures import ProcessPoolExecutor

from truth_rows import TruthRows

truth = TruthRows(__file__)


class Turn:
    def __init__(self):
        self.me = self


def recognise(audio):
    time.sleep(0.03)
    return len(audio)


def call_tool():
    time.sleep(truth.seconds(140, 200))  # tool


def remember(history):
    return len(json.dumps(history))  # remembers


async def tick():
    while True:
        await asyncio.sleep(0.02)


async def converse(pool, history):
    loop = asyncio.get_running_loop()
    gc.disable()
    turns = [Turn() for _ in range(60_000)]
    await loop.run_in_executor(pool, recognise, bytes(6400))
    with truth.span("loop.blocked(timer.sleep)", victim="tool", role="culprit"):
        call_tool()
    await asyncio.sleep(truth.seconds())
    facts = {"victim": "remembers", "role": "culprit", "computes": "yes"}
    with truth.span("loop.blocked(run.serialize)", **facts):
        remember(history)
    await asyncio.sleep(truth.seconds())
    gc.enable()
    turns += [Turn() for _ in range(2_000)]
    await asyncio.sleep(truth.seconds())


async def main(pool):
    other = asyncio.create_task(tick())
    history = {str(number): list(range(10)) for number in range(30_000)}
    for _ in range(8):
        await converse(pool, history)
    other.cancel()


if __name__ == "__main__":
    truth.watch_collections()
    with ProcessPoolExecutor(1) as workers:
        asyncio.run(main(workers))
    truth.write()
