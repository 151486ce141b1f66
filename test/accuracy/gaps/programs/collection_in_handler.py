"""A handler allocates while very many young objects wait to be collected; a thread is active beside it."""

import asyncio
import gc
import threading

from truth_rows import TruthRows, compute

truth = TruthRows(__file__)
is_over = threading.Event()


class Node:
    def __init__(self):
        self.me = self


def handle():
    return [Node() for _ in range(20_000)]


def be_active():
    while not is_over.is_set():
        compute(0.001)
        is_over.wait(0.02)


async def main():
    for _ in range(12):
        gc.disable()
        nodes = [Node() for _ in range(150_000)]
        await asyncio.sleep(truth.seconds())
        gc.enable()
        handle()
        del nodes
        await asyncio.sleep(truth.seconds())


threading.Thread(target=be_active, name="active").start()
truth.watch_collections()
asyncio.run(main())
is_over.set()
truth.write()
