"""A program that notes its own calls, made at random from a seed: `python trace_truth.py SEED`.

It prints a JSON object: for each thread the list of what happened to the functions named `own_…`: "+" a call
begins, "~" it goes on, "-" it ends or yields.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading

notes = threading.local()
happened: dict[str, list[str]] = {}


def own_plain(random, depth):
    notes.add("+own_plain")
    try:
        own_children(random, depth)
    finally:
        notes.add("-own_plain")


def own_children(random, depth):
    notes.add("+own_children")
    for _ in range(random.randrange(4) if depth > 0 else 0):
        random.choice(KINDS)(random, depth - 1)
    notes.add("-own_children")


def own_raising(random, depth):
    notes.add("+own_raising")
    try:
        own_children(random, depth)
        raise ValueError
    finally:
        notes.add("-own_raising")


def own_catching(random, depth):
    notes.add("+own_catching")
    try:
        own_raising(random, depth)
    except ValueError:
        pass
    notes.add("-own_catching")


def own_generator(random, depth):
    notes.add("+own_generator")
    try:
        for _ in range(3):
            own_children(random, depth)
            notes.add("-own_generator")
            try:
                yield
            finally:
                notes.add("~own_generator")
    finally:
        notes.add("-own_generator")


def own_consumer(random, depth):
    notes.add("+own_consumer")
    generator = own_generator(random, depth)
    way = random.randrange(3)
    if way == 0:
        for _ in generator:
            pass
    elif way == 1:
        next(generator)
        generator.close()
    else:
        next(generator)
        try:
            generator.throw(KeyError())
        except KeyError:
            pass
    notes.add("-own_consumer")


def own_delegating(random, depth):
    notes.add("+own_delegating")
    generator = own_generator(random, depth)
    for _ in range(3):
        next(generator)
        notes.add("-own_delegating")
        yield
        notes.add("~own_delegating")
    generator.close()
    notes.add("-own_delegating")


def own_loop(random, depth):
    notes.add("+own_loop")
    for _ in own_delegating(random, depth):
        pass
    notes.add("-own_loop")


KINDS = [own_plain, own_catching, own_consumer, own_loop, own_children]


async def own_awaiting(random, depth, chain):
    notes.add("+own_awaiting")
    chain = [*chain, "own_awaiting"]
    for _ in range(random.randrange(3)):
        if depth > 0:
            await own_awaiting(random, depth - 1, chain)
        own_plain(random, 1)
        for name in reversed(chain):
            notes.add("-" + name)
        await asyncio.sleep(0)
        for name in chain:
            notes.add("~" + name)
    notes.add("-own_awaiting")


async def both(seed):
    await asyncio.gather(*(own_awaiting(random.Random(seed + n), 2, []) for n in range(3)))


def work(name, seed):
    happened[name] = []
    notes.add = happened[name].append
    for n in range(6):
        own_plain(random.Random(seed * 1000 + n), 5)
    asyncio.run(both(seed))


def main():
    seed = int(sys.argv[1])
    names = [f"worker {n}" for n in range(3)]
    threads = [
        threading.Thread(target=work, args=(name, seed + n), name=name) for n, name in enumerate(names)
    ]
    for thread in threads:
        thread.start()
    work("MainThread", seed + 10)
    for thread in threads:
        thread.join()
    print(json.dumps(happened))


if __name__ == "__main__":
    main()
