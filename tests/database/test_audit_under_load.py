"""Sealing while many write: it misses nothing, and nobody waits for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import psycopg
import pytest

from tests.support.audit_trail import SEAL, sealed, verify
from tests.support.databases import TestDatabase

WRITERS = 4
WRITE = (
    "INSERT INTO billing.patient (first_name, last_name) SELECT 'A', 'B' FROM generate_series({})"
)
CHANGE = "UPDATE billing.patient SET last_name = 'C' WHERE id = ANY(ARRAY(SELECT id FROM"
CHANGE += " billing.patient LIMIT 20 FOR UPDATE SKIP LOCKED))"


@dataclass(frozen=True, slots=True)
class Writing:
    """What all writers do, and when they have done enough."""

    database: TestDatabase
    transactions: int  # of each of them, at least
    rows: int
    enough: Event = field(default_factory=Event)
    commits: list[int] = field(default_factory=list)

    def write(self) -> None:
        """Write in so many transactions of several statements, and in more until it is enough."""
        with psycopg.connect(self.database.owner_url) as connection:
            connection.execute("SET lock_timeout = '60s'")
            connection.commit()
            written = 0
            while written < self.transactions or not self.enough.is_set():
                connection.execute(WRITE.format(f"1, {self.rows}").encode())
                connection.execute(CHANGE.encode())
                connection.commit()
                written += 1
                self.commits.append(written)


def load(database: TestDatabase, transactions: int, rows: int) -> tuple[int, float]:
    """Write and seal at the same time; give the number of seals, and the seconds of sealing."""
    seals, seconds, writing = 0, 0.0, Writing(database, transactions, rows)
    with ThreadPoolExecutor() as threads, psycopg.connect(database.owner_url) as connection:
        writers = [threads.submit(writing.write) for _ in range(WRITERS)]
        try:
            while not all(writer.done() for writer in writers):
                began = time.perf_counter()
                seals += len(connection.execute(SEAL).fetchall())
                seconds += time.perf_counter() - began
                # If a writer waited for this transaction, there would be no more commits.
                commits = len(writing.commits)
                while len(writing.commits) <= commits + WRITERS and not any(
                    writer.done() for writer in writers
                ):
                    time.sleep(0.001)
                connection.commit()
                if seals > 1:
                    writing.enough.set()
                time.sleep(0.05)
        finally:
            writing.enough.set()
        for writer in writers:
            writer.result()
    return seals, seconds


def check(database: TestDatabase, transactions: int, rows: int) -> None:
    """Load the database, and verify what was sealed."""
    sealed(database)
    seals, seconds = load(database, transactions, rows)
    sealed(database)
    query = "SELECT count(*), (SELECT sum(changes) FROM audit.seal) FROM audit.change"
    ((changes, covered),) = database.execute(query)
    assert changes == covered
    assert isinstance(changes, int)
    assert changes >= WRITERS * transactions * rows
    assert seals > 1
    assert verify(database) == ""
    print(f"{changes} changes, {seals} seals, {seconds / changes * 1e6:.1f} µs a change")


def test_sealing_beside_writers_misses_nothing(database: TestDatabase) -> None:
    check(database, 30, 10)


@pytest.mark.long
def test_sealing_of_many_changes_beside_writers_misses_nothing(database: TestDatabase) -> None:
    check(database, 200, 300)
