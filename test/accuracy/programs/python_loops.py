"""Loops of Python code, called and in place, and calls of small functions from different lines."""

from truth import Truth

truth = Truth(__file__)


def add_up(count):
    total = 0
    for number in range(count):
        total += number * number
    return total


def step(value):
    return (value * 3 + 1) % 65537


def wander(count):
    value = 1
    for _ in range(count):
        value = step(value)
    return value


while truth.is_before(3.5):
    began = truth.now()
    first = add_up(600_000)  # truth: adding computing
    truth.add("adding", began)
    began = truth.now()
    second = wander(250_000)  # truth: wandering computing
    truth.add("wandering", began)
    began = truth.now()
    third = [number ^ 5 for number in range(400_000)]  # truth: listing computing
    truth.add("listing", began)
truth.report()
