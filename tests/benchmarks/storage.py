"""A durable append beside one disk synchronisation, in one run: ``python tests/benchmarks/storage.py [--rounds N]``.

Run it from the checkout. The measure is 400 bytes added to a file and one ``fdatasync``, on the same disk and in turn
with every store: memory, SQLite, PostgreSQL and S3 (SeaweedFS), the latter two on servers of this machine. An append
is one transaction with one entry of 400 bytes. Beside them stands raw SQLite: the same entry, none of our code.

Prints p50 and p99 in microseconds, the ratio of p50 to that of fdatasync, and the goal for it. Nothing is asserted.
"""

# pyright: reportUnknownMemberType=false
# apsw's stubs name collections.abc.Buffer, which Python 3.11 does not have.

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from anvcs.storage.bucket import Address
from anvcs.storage.memory import MemoryStore
from anvcs.storage.postgres import PostgresStore
from anvcs.storage.protocol import Store
from anvcs.storage.s3 import S3Store
from anvcs.storage.sqlite import SqliteStore, connect
from tests.servers import S3, Postgres

ENTRY = os.urandom(400)
GOAL = 1.3
"""The ratio to fdatasync that a durable append in SQLite should not exceed."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000, help="how often each thing is measured")
    options = parser.parse_args()
    postgres, s3 = Postgres(), S3()
    try:
        with tempfile.TemporaryDirectory(prefix="anvcs-storage-", dir=Path.cwd()) as scratch:
            measure(Path(scratch), postgres, s3, options.rounds)
    finally:
        postgres.close()
        s3.close()


def measure(folder: Path, postgres: Postgres, s3: S3, rounds: int) -> None:
    """Print a row for everything."""
    where = Address(s3.bucket, "benchmark", s3.endpoint, access_key=s3.access_key, secret_key=s3.secret_key)
    stores: dict[str, Store] = {
        "SQLite store": SqliteStore(folder / "store.db"),
        "memory store": MemoryStore(),
        "PostgreSQL store": PostgresStore(postgres.dsn),
        "S3 store": S3Store(where),
    }
    synced = synchronisation(folder)
    tasks = {
        "raw SQLite": raw_append(folder),
        "SQLite store": append(stores["SQLite store"]),
        # Beside the disk's times, the servers' would only be blurred by waiting for each other's writes.
        "memory store": append(stores["memory store"]),
    }
    print(f"{'':<18}{'p50 us':>10}{'p99 us':>10}{'ratio':>9}{'goal':>7}")
    report(rounds, {"fdatasync": synced, **tasks})
    for name in ("PostgreSQL store", "S3 store"):
        report(rounds // 4, {"fdatasync": synced, name: append(stores[name])})
    for store in stores.values():
        store.close()


def report(rounds: int, tasks: dict[str, Callable[[], object]]) -> None:
    """Do all in turn and print their rows; the first is what the others are compared with."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    names = list(tasks)
    for number in range(rounds):
        # Who comes first changes, so that nobody always pays for what another left to the disk.
        for name in names[number % len(names) :] + names[: number % len(names)]:
            begun = time.perf_counter()
            tasks[name]()
            times[name].append(time.perf_counter() - begun)
    measure_ = sorted(times[names[0]])[rounds // 2]
    for name in names:
        ordered = sorted(times[name])
        middle, late = ordered[rounds // 2], ordered[rounds * 99 // 100]
        goal = f"{GOAL}x" if name == "SQLite store" else ""
        print(f"{name:<18}{middle * 1e6:>10.0f}{late * 1e6:>10.0f}{middle / measure_:>8.2f}x{goal:>7}", flush=True)


def synchronisation(folder: Path) -> Callable[[], object]:
    """The least that any durable append must do."""
    file = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def run() -> None:
        os.write(file, ENTRY)
        os.fdatasync(file)

    return run


def raw_append(folder: Path) -> Callable[[], object]:
    """What SQLite itself takes for the entry."""
    SqliteStore(folder / "raw.db").close()
    connection = connect(folder / "raw.db", durable=True)
    number = 0

    def run() -> None:
        nonlocal number
        number += 1
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO logs VALUES ('log', ?, ?)", (number, ENTRY))
        connection.execute("COMMIT")

    return run


def append(store: Store) -> Callable[[], object]:
    """One transaction with one entry."""

    def run() -> None:
        with store.write() as transaction:
            transaction.append("log", ENTRY)

    return run


if __name__ == "__main__":
    main()
