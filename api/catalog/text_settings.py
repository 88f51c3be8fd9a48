"""The settings of a session that change how Postgres writes and reads values as texts.

Each connection asks for these values when it opens. They make every value's text exact, so that a
cursor and a path find the row that they name, and make texts fit the document, whatever the login,
the database and the server have for them.
"""

from collections.abc import Iterable, Mapping

TEXT_SETTINGS: Mapping[str, str] = {
    "bytea_output": "hex",
    "datestyle": "ISO, MDY",
    "extra_float_digits": "1",  # the shortest text that is read back as the same number
    "intervalstyle": "iso_8601",  # as JSON Schema's duration
    "lc_monetary": "C",
    "timezone": "UTC",
}
# Those that PgBouncer does not set again when it gives another connection of its own to a client.
NOT_TRACKED = ("bytea_output", "extra_float_digits", "lc_monetary")


def faults(login: str, found: Mapping[str, str]) -> Iterable[str]:
    """Yield a sentence for each setting that a session has not got; `found`: what it has."""
    for name, value in TEXT_SETTINGS.items():
        if found[name] != value:
            yield (
                f"{name} is {found[name]} instead of {value}, because a connection pooler ignores "
                f"this setting: ALTER ROLE {login} SET {name} = '{value}'"
            )
