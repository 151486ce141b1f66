"""Calls of a chosen kind: `tracer_work.py dense|recursive|mixed AMOUNT`.

Prints JSON: CPU and wall time of the work, when it ended, and how often `slow_step` ran, which takes some
milliseconds each time.
"""

import json
import re
import sys
import time


class Vector:
    """Small methods, called all the time."""

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def add(self, other):
        return Vector(self.x + other.get_x(), self.y + other.get_y())

    def get_x(self):
        return self.x

    def get_y(self):
        return self.y


def dense(amount):
    total, one = Vector(0, 0), Vector(1, 1)
    for _ in range(amount * 2000):
        total = total.add(one)


def fib(number):
    return number if number < 2 else fib(number - 1) + fib(number - 2)


def recursive(amount):
    for _ in range(amount):
        fib(17)


def clean(text):
    return re.sub(r"\d+", "#", text).strip()


def mixed(amount):
    rows = [{"name": f"name {number}", "values": list(range(40))} for number in range(20)]
    for _ in range(amount):
        for row in json.loads(json.dumps(rows)):
            clean(row["name"])
            sorted(row["values"], key=lambda value: -value)


def slow_step():
    until = time.thread_time() + 0.003
    while time.thread_time() < until:
        pass


def main():
    work, amount, slow_count = globals()[sys.argv[1]], int(sys.argv[2]), 10
    began = time.process_time(), time.perf_counter()
    for _ in range(slow_count):
        work(amount // slow_count)
        slow_step()
    cpu, wall = time.process_time() - began[0], time.perf_counter() - began[1]
    print(json.dumps({"cpuS": cpu, "wallS": wall, "endedMs": time.time() * 1000, "slowCount": slow_count}))


main()
