"""Answers that are kept for requests that are repeated: the table `identity.answer` of a schema.

One statement makes the change (`done`) and keeps the answer to it (`kept`). It fails where an
answer is kept for the key already (SQLSTATE 23505), also by another transaction, for whose end it
waits; nothing is changed then. Only after a failure is the answer looked for: a request that is new
does not pay for it, and no plan of the statement depends on how many answers are kept.

The policy of the table shows a caller its own answers only, so no statement names a tenant or an
actor.
"""

from api.sql.binding import Values

TABLE = ("identity", "answer")
_ANSWERS = ".".join(TABLE)
# Finds an answer. Value: the key. One row: fingerprint, body and location; none where none is kept.
FIND = f"SELECT fingerprint, body, location FROM {_ANSWERS} WHERE key = $1"
# Keeps the answer to a transaction of several statements. Values: key, fingerprint, body.
KEEP = f"INSERT INTO {_ANSWERS} (key, fingerprint, body) VALUES ($1, $2, $3)"
# Makes such transactions with the same key wait for each other, before they do anything. Value: a
# text of caller and key.
WAIT = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


def creation(write: str, before: str = "") -> str:
    """Compose a create that keeps its answers.

    `write` returns the body, the location and the number of each call, then the call's key and
    fingerprint; `before`: items of WITH that it reads. Rows: the first three columns of `write`.
    """
    kept = _keep("key, fingerprint, body, location")
    return (
        f"WITH {before}done (body, location, n, key, fingerprint) AS ({write}), "
        f"kept AS ({kept} FROM done) SELECT body, location, n FROM done"
    )


def row_write(write: str, before: str, values: Values, *, has_body: bool) -> str:
    """Compose a write to one row that keeps its answer; the next values: key and fingerprint.

    `before`: what to say of the row as it was; `has_body`: whether the result of `write` is the
    body of the answer. One row: the result or NULL, and `before`.
    """
    key, fingerprint = values.next(), values.next()
    body = "result" if has_body else "CAST(NULL AS text)"
    return (
        f"WITH done (result) AS ({write}), "
        f"kept AS ({_keep(f'{key}, {fingerprint}, {body}, NULL')} FROM done) "
        f"SELECT (SELECT result FROM done), {before}"
    )


def write_of_many(write: str, body: str, is_done: str, values: Values) -> str:
    """Compose a write of many rows that keeps its answer; the next values: key and fingerprint.

    `write` has the items of WITH up to `told`, whose one row the answer is made of; `body`: the
    body, of its columns; `is_done`: the condition that the write was made.
    """
    key, fingerprint = values.next(), values.next()
    kept = _keep(f"{key}, {fingerprint}, {body}, NULL")
    return f"{write}, kept AS ({kept} FROM told WHERE {is_done})"


def _keep(answer: str) -> str:
    return f"INSERT INTO {_ANSWERS} (key, fingerprint, body, location) SELECT {answer}"
