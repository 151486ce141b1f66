"""Calls two functions a known number of times."""


def leaf(number):
    return number * number


def branch(count):
    return sum([leaf(number) for number in range(count)])


total = 0
for turn in range(300):
    total += branch(1000)
print(total)
