"""Recursive functions: a line that is on the stack many times counts once."""

import time

from truth import Truth

truth = Truth(__file__)


def fib(number):
    if number < 2:
        return number
    return fib(number - 1) + fib(number - 2)


def descend(depth):
    if depth == 0:
        began = truth.now()
        time.sleep(0.05)  # truth: bottom waiting
        truth.add("bottom", began)
        return 0
    return 1 + descend(depth - 1)


def is_even(number):
    return True if number == 0 else is_odd(number - 1)


def is_odd(number):
    return False if number == 0 else is_even(number - 1)


while truth.is_before(3.5):
    began = truth.now()
    fib(27)  # truth: tree computing
    truth.add("tree", began)
    began = truth.now()
    descend(300)  # truth: deep waiting
    truth.add("deep", began)
    began = truth.now()
    for _ in range(300):
        is_even(600)  # truth: mutual computing
    truth.add("mutual", began)
truth.report()
