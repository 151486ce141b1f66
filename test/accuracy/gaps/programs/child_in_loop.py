"""A coroutine runs a program and waits for it, with pipes: the innermost frame is a selector."""

import asyncio
import subprocess
import sys

from truth_rows import TruthRows

truth = TruthRows(__file__)


def transcode(seconds):
    program = f"import time; time.sleep({seconds})"
    command = [sys.executable, "-I", "-S", "-c", program]
    subprocess.run(command, capture_output=True, check=True)  # victim


async def tick():
    while True:
        await asyncio.sleep(0.01)


async def main():
    other = asyncio.create_task(tick())
    for _ in range(12):
        with truth.span("loop.blocked(proc.wait)", victim="victim", role="culprit"):
            transcode(truth.seconds(40))
        await asyncio.sleep(truth.seconds())
    other.cancel()


asyncio.run(main())
truth.write()
