"""Mostly waiting: orders come as JSON files, a database adds them up, a slow service is asked again."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from pathlib import Path

DAYS = 60
ORDERS_A_DAY = 4_000
CITIES = ["Bergen", "Kyoto", "Lisbon", "Quito"]


def write_exports(folder: Path) -> None:
    """One JSON file of orders for each day."""
    for day in range(1, DAYS + 1):
        orders = [
            {"day": day, "city": CITIES[n % len(CITIES)], "cents": (n * 7919 + day * 104_729) % 10_000}
            for n in range(ORDERS_A_DAY)
        ]
        (folder / f"orders-{day:02}.json").write_text(json.dumps(orders, indent=1))


def load_exports(folder: Path, database: sqlite3.Connection) -> None:
    database.execute("create table orders (day integer, city text, cents integer)")
    for export in sorted(folder.glob("orders-*.json")):
        orders = json.loads(export.read_text())
        database.executemany("insert into orders values (:day, :city, :cents)", orders)
    database.commit()


def exchange_rate(attempts: int) -> float:
    """Asks a slow service until it answers."""
    for _ in range(attempts):
        time.sleep(0.2)
    return 1.0842


def best_days(database: sqlite3.Connection) -> list[tuple[int, str, int]]:
    """Each city's day with the highest revenue."""
    return database.execute(
        """
        select day, city, cents from (
            select day, city, sum(cents) as cents,
                   rank() over (partition by city order by sum(cents) desc) as place
            from (select day, city, cents, rank() over (partition by day order by cents) as rank from orders)
            where rank > 100
            group by day, city
        )
        where place = 1 order by city
        """
    ).fetchall()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        write_exports(folder)
        database = sqlite3.connect(folder / "orders.db")
        load_exports(folder, database)
        rate = exchange_rate(attempts=8)
        for day, city, cents in best_days(database):
            print(f"{city:8} day {day:2}  {cents / 100 * rate:10,.2f} €")
        database.close()


if __name__ == "__main__":
    main()
