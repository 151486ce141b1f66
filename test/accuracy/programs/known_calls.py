"""Calls whose numbers are known: for the call counter."""


def leaf():
    return 1


def middle():
    return leaf() + leaf()


def top():
    return sum(middle() for _ in range(50))


def fib(number):
    return number if number < 2 else fib(number - 1) + fib(number - 2)


for _ in range(10):
    top()
fib(15)
