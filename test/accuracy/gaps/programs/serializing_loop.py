"""A large dict is pickled on the loop, and later turned into JSON."""

import asyncio
import gc
import json
import pickle

from truth_rows import TruthRows

truth = TruthRows(__file__)
facts = {"role": "culprit", "computes": "yes"}


def large(size):
    return {f"key {number}": [number, str(number), {"half": number / 2}] for number in range(size)}


async def tick():
    while True:
        await asyncio.sleep(0.01)


async def main():
    other = asyncio.create_task(tick())
    document = large(40_000)
    for _ in range(12):
        with truth.span("loop.blocked(run.serialize)", victim="pickles", **facts):
            pickle.dumps(document)  # pickles
        await asyncio.sleep(truth.seconds())
        with truth.span("loop.blocked(run.serialize)", victim="encodes", **facts):
            json.dumps(document)  # encodes
        await asyncio.sleep(truth.seconds())
    other.cancel()


# A collection in the midst of it would be true as well, and is another program's subject.
gc.disable()
asyncio.run(main())
truth.write()
