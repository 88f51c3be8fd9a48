"""Sealing while many write: it misses nothing, and nobody waits for it."""

import time
from concurrent.futures import ThreadPoolExecutor
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


def write(database: TestDatabase, transactions: int, rows: int, enough: Event) -> None:
    """Write in so many transactions of several statements, and in more until it is enough.

    A wait for a lock is an error.
    """
    with psycopg.connect(database.owner_url) as connection:
        connection.execute("SET lock_timeout = '1s'")
        connection.commit()
        written = 0
        while written < transactions or not enough.is_set():
            connection.execute(WRITE.format(f"1, {rows}").encode())
            connection.execute(CHANGE.encode())
            connection.commit()
            written += 1


def load(database: TestDatabase, transactions: int, rows: int) -> tuple[int, float]:
    """Write and seal at the same time; give the number of seals, and the seconds of sealing."""
    seals, seconds, enough = 0, 0.0, Event()
    with ThreadPoolExecutor() as threads, psycopg.connect(database.owner_url) as connection:
        asked = database, transactions, rows, enough
        writers = [threads.submit(write, *asked) for _ in range(WRITERS)]
        try:
            while not all(writer.done() for writer in writers):
                began = time.perf_counter()
                seals += len(connection.execute(SEAL).fetchall())
                connection.commit()
                seconds += time.perf_counter() - began
                if seals > 1:
                    enough.set()
                time.sleep(0.05)
        finally:
            enough.set()
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
