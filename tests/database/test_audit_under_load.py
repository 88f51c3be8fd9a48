"""Sealing while many write: it misses nothing, and nobody waits for it."""

import time
from concurrent.futures import ThreadPoolExecutor

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


def write(database: TestDatabase, transactions: int, rows: int) -> None:
    """Write in transactions of several statements; a wait for a lock is an error."""
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("SET lock_timeout = '1s'")
        connection.commit()
        for _ in range(transactions):
            connection.execute(WRITE.format(f"1, {rows}").encode())
            connection.execute(CHANGE.encode())
            connection.commit()


def load(database: TestDatabase, transactions: int, rows: int) -> tuple[int, float]:
    """Write and seal at the same time; give the number of seals, and the seconds of sealing."""
    seals, seconds = 0, 0.0
    with ThreadPoolExecutor() as threads, psycopg.connect(database.owner_url) as connection:
        writers = [threads.submit(write, database, transactions, rows) for _ in range(WRITERS)]
        while not all(writer.done() for writer in writers):
            began = time.perf_counter()
            seals += len(connection.execute(SEAL).fetchall())
            connection.commit()
            seconds += time.perf_counter() - began
            time.sleep(0.05)
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
