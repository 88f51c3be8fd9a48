"""Runs the statements of an SQL file; an error names the file and the line."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from api.cli.migration_files import MigrationError, Script, line
from api.cli.sql_script import ScriptError, Statement, statements

# What begins or ends a transaction; `ROLLBACK TO` a savepoint does not.
_TRANSACTION_WORDS = ("BEGIN", "START", "COMMIT", "END", "ABORT", "ROLLBACK", "PREPARE TRANSACTION")
# What to do about an error, by its SQLSTATE.
_WAYS_OUT = {
    "25001": "; it needs a file of its own, with `-- transactional: false` in the comment at its"
    " top",
    "55P04": "; use the value in the next migration: this one has to be committed before",
}
# The last lines of COPY's error say which line of its data is wrong, and quote that line.
_DATA_LINE = re.compile(r"^COPY .*?, line (\d+)", re.MULTILINE)
_RESET = "RESET ALL; RESET SESSION AUTHORIZATION; RESET ROLE"

Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def explained(subject: str) -> Iterator[None]:
    """Convert an error of Postgres into a MigrationError about this subject."""
    try:
        yield
    except psycopg.Error as error:
        raise MigrationError(subject, _reason(error)) from error


def parsed(script: Script) -> list[Statement]:
    """Return the statements of a script; raises MigrationError where it can't be run as it is."""
    try:
        found = list(statements(script.text))
    except ScriptError as error:
        raise MigrationError(script.at(error.position), str(error)) from None
    for statement in found:
        words = statement.words.split()
        if script.transactional and _is_about_a_transaction(words):
            reason = f"{words[0]} must be left out: the file is one transaction anyway"
            raise MigrationError(script.at(statement.start), reason)
    return found


def _is_about_a_transaction(words: Sequence[str]) -> bool:
    if words[:1] == ["ROLLBACK"] and "TO" in words[:3]:
        return False
    return bool(words) and (
        words[0] in _TRANSACTION_WORDS or " ".join(words[:2]) in _TRANSACTION_WORDS
    )


def run(connection: Connection, script: Script) -> None:
    """Run a script's statements: in the transaction that is open, or each in one of its own.

    What the script SETs does not reach the next one. Raises MigrationError.
    """
    found = parsed(script)
    for statement in found:
        try:
            _send(connection, statement)
        except psycopg.Error as error:
            reason = _reason(error)
            if not script.transactional and statement is not found[0]:
                reason += "; what stands above this line is done and stays"
            raise MigrationError(_place(script, statement, error), reason) from error
    if not script.transactional and connection.info.transaction_status != TransactionStatus.IDLE:
        connection.execute("ROLLBACK")
        raise MigrationError(script.name, "leaves a transaction open; it was rolled back")
    connection.execute(_RESET)


def _send(connection: Connection, statement: Statement) -> None:
    if statement.data is None:
        connection.execute(statement.text.encode(), prepare=False)
        return
    with connection.cursor().copy(statement.text.encode()) as copy:
        copy.write(statement.data)


def _place(script: Script, statement: Statement, error: psycopg.Error) -> str:
    """Return the file, and the line that the error is about."""
    position = statement.start
    if error.diag.statement_position:
        position += int(error.diag.statement_position) - 1
    found = _DATA_LINE.search(error.diag.context or "")
    if statement.data is not None and found:
        first = line(script.text, statement.data_start)
        return f"{script.name}:{first + int(found[1]) - 1}"
    return script.at(position)


def _reason(error: psycopg.Error) -> str:
    """Return Postgres's message without anything that quotes a row, and what to do.

    The detail of any error, and the message of a data exception (class 22), can quote a row.
    """
    state = error.sqlstate or ""
    if state.startswith("22"):
        return f"{type(error).__name__} (SQLSTATE {state})"
    message = error.diag.message_primary or " ".join(str(error).split())
    return message + _WAYS_OUT.get(state, "")
