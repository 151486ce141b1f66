"""Nothing is wrong here: a thread schedules callbacks on a loop that sleeps, and wakes it as it should."""

import asyncio
import threading
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)
truth.watch_collections()


def schedule(loop, waits):
    for seconds in waits:
        time.sleep(seconds)
        loop.call_soon_threadsafe(int)


async def main():
    waits = [truth.seconds(20, 60) for _ in range(40)]
    args = (asyncio.get_running_loop(), waits)
    thread = threading.Thread(target=schedule, args=args, name="scheduler")
    with truth.span("loop.idle", role="benign"):
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(truth.seconds(60, 110))


asyncio.run(main())
truth.write()
