"""A coroutine calls `time.sleep`, and later reads from a socket that blocks."""

import asyncio
import socket
import threading
import time

from truth_rows import TruthRows

truth = TruthRows(__file__)
ours, theirs = socket.socketpair()


def answer():
    while True:
        delay = theirs.recv(100)
        if not delay:
            return
        time.sleep(float(delay))
        theirs.sendall(b"!")


async def tick():
    while True:
        await asyncio.sleep(0.01)


async def main():
    other = asyncio.create_task(tick())
    for _ in range(15):
        with truth.span("loop.blocked(timer.sleep)", victim="sleeps", role="culprit"):
            time.sleep(truth.cause_seconds(25))  # sleeps
        await asyncio.sleep(truth.seconds())
        ours.sendall(str(truth.seconds(25)).encode())
        with truth.span("loop.blocked(io.net)", victim="receives", role="culprit"):
            ours.recv(1)  # receives
        await asyncio.sleep(truth.seconds())
    other.cancel()
    ours.close()


threading.Thread(target=answer, name="answerer").start()
asyncio.run(main())
truth.write()
