import time

import pytest


def wait_for_the_database() -> None:
    time.sleep(0.02)


def price(amount: int) -> int:
    total = 0
    for step in range(amount):
        total += abs(step % 7)
    return total


@pytest.fixture
def database() -> dict[str, int]:
    wait_for_the_database()
    return {"amount": 150_000}


class TestCart:
    def test_price(self, database: dict[str, int]) -> None:
        assert price(database["amount"]) > 0
