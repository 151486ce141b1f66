"""Plain work for one core: primes by trial division, and sums of primes by recursion."""

from __future__ import annotations

LIMIT = 300_000
SUM_TO = 160


def is_prime(number: int) -> bool:
    """True when no smaller number divides it."""
    if number < 2:
        return False
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1
    return True


def primes_below(limit: int) -> list[int]:
    return [number for number in range(limit) if is_prime(number)]


def twins(primes: list[int]) -> list[tuple[int, int]]:
    """Neighbours two apart, such as 17 and 19."""
    known = set(primes)
    return [(prime, prime + 2) for prime in primes if prime + 2 in known]


def sums(total: int, primes: list[int], largest: int) -> int:
    """In how many ways is `total` a sum of primes none above the one at index `largest`?"""
    if total == 0:
        return 1
    if total < 0 or largest < 0:
        return 0
    return sums(total - primes[largest], primes, largest) + sums(total, primes, largest - 1)


def main() -> None:
    primes = primes_below(LIMIT)
    print(f"{len(primes):,} primes below {LIMIT:,}, {len(twins(primes))} pairs of twins")
    small = [prime for prime in primes if prime <= SUM_TO]
    print(f"{SUM_TO} is a sum of primes in {sums(SUM_TO, small, len(small) - 1):,} ways")


if __name__ == "__main__":
    main()
