"""C calls that keep the GIL, long ones, between sleeps."""

import random
import time

from truth import Truth

truth = Truth(__file__)
numbers = [random.random() for _ in range(250_000)]
base, exponent, modulus = 3**400, 7**900, 11**700

while truth.is_before(3.5):
    began = truth.now()
    total = sum(range(3_000_000))  # truth: summing computing
    truth.add("summing", began)
    began = truth.now()
    ordered = sorted(numbers)  # truth: sorting computing
    truth.add("sorting", began)
    began = truth.now()
    power = pow(base, exponent, modulus)  # truth: raising computing
    truth.add("raising", began)
    began = truth.now()
    time.sleep(0.05)  # truth: sleeping waiting
    truth.add("sleeping", began)
truth.report()
