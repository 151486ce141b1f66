"""Nothing is wrong here: a loop has almost nothing to do."""

import asyncio

from truth_rows import TruthRows

truth = TruthRows(__file__)
truth.watch_collections()


async def main():
    with truth.span("loop.idle", role="benign"):
        for _ in range(10):
            await asyncio.sleep(truth.seconds(100, 300))


asyncio.run(main())
truth.write()
