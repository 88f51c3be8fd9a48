"""Writes that are done once: a repeated request gets the answer that `identity.answer` keeps.

One statement looks for the answer that is kept for the request's key (`seen`), makes the change
only where there is none (`done`), and keeps the answer to it (`kept`). Of several requests with the
same key that run at the same time, the table's primary key makes the others wait for the first, and
then fail (SQLSTATE 23505): the answer is kept then.

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


class Once:
    """What makes a write one that is done once; key and fingerprint are its next two values."""

    def __init__(self, values: Values) -> None:
        """Take the next values, behind all others of the write."""
        self.key, self.fingerprint = values.next(), values.next()
        self._values = values

    @property
    def unseen(self) -> str:
        """Write the condition that no answer to the call is kept."""
        return f"NOT EXISTS (SELECT FROM seen WHERE seen.n = {self._values.number()})"

    def creation(self, write: str, key: str, fingerprint: str) -> str:
        """Compose a create. `write` returns body and location of each row, and the call's number.

        `key` and `fingerprint`: those of the call, where `write` returns something. A row for each
        call: body, location, the fingerprint of the answer that was kept before or NULL, number.
        """
        calls = self._values.calls()
        found = f"{_found(self.key)} OFFSET 0"
        source = f"{calls} CROSS JOIN LATERAL ({found}) AS a" if calls else f"({found}) AS a"
        return (
            f"WITH seen AS MATERIALIZED (SELECT a.*, {self._values.number()} AS n FROM {source}), "
            f"done (body, location, n, key, fingerprint) AS ({write}, {key}, {fingerprint}), "
            f"kept AS ({_keep('key, fingerprint, body, location')} FROM done) "
            "SELECT body, location, CAST(NULL AS text), n FROM done "
            "UNION ALL SELECT body, location, fingerprint, n FROM seen"
        )


def _found(key: str) -> str:
    return f"SELECT a.fingerprint, a.body, a.location FROM {_ANSWERS} AS a WHERE a.key = {key}"


def _keep(answer: str) -> str:
    return f"INSERT INTO {_ANSWERS} (key, fingerprint, body, location) SELECT {answer}"


def row_write(write: str, before: str, values: Values, *, has_body: bool) -> str:
    """Compose a write to one row. `write` returns its result where `UNSEEN`; see `statements`.

    The next two values are key and fingerprint. `before`: what to say of the row as it was;
    `has_body`: whether the result is the body of the answer. One row: the result or NULL, `before`,
    and the fingerprint and the body of the answer that was kept before, or NULL.
    """
    key, fingerprint = values.next(), values.next()
    body = "result" if has_body else "CAST(NULL AS text)"
    return (
        f"WITH seen AS MATERIALIZED ({_found(key)}), done (result) AS ({write}), "
        f"kept AS ({_keep(f'{key}, {fingerprint}, {body}, NULL')} FROM done) "
        f"SELECT (SELECT result FROM done), {before}, "
        "(SELECT fingerprint FROM seen), (SELECT body FROM seen)"
    )


UNSEEN = "NOT EXISTS (SELECT FROM seen)"
