"""`superbill verify`: whether the audit trail is as it was sealed, and the tables as it says.

The trail is in the schema `audit`: `change` has the changes, `seal` the seals. A seal has a root,
which is made of its changes and of the root before it; the job that seals logs each root. So a
seal that does not fit its changes, or the root of another one, is broken. The last seals could be
made anew by a superuser, and only roots that are kept elsewhere tell.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from api.cli import target
from api.cli.migrations import connection_parameters
from api.cli.refusal import RefusedError
from api.config import Config

_FUNCTIONS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_HAS_TRAIL = "SELECT num_nulls(to_regclass('audit.change'), to_regclass('audit.seal')) = 0"
# Texts are hashed, so they must be those of the job.
_SETTINGS = """
    SET LOCAL search_path = pg_catalog; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO';
    SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0"""
_ROOT = re.compile(r"\bseal ([0-9]+) root ([0-9a-f]{64})\b")
_Connection = psycopg.Connection[tuple[Any, ...]]


def verify(settings: Config, roots: Path | None = None) -> None:
    """Print what the trail has, or what is broken; `roots`: a file with lines of the log.

    Raises RefusedError if something is broken, or nothing can be verified.
    """
    kept = _kept_roots(roots) if roots else {}
    with ExitStack() as stack:
        url = target.owner_url(settings, stack)
        try:
            with psycopg.connect(**connection_parameters(url)) as connection:
                # One snapshot of trail and tables.
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                faults, totals = _verify(connection, kept)
                connection.rollback()
        except psycopg.Error as error:
            message = f"Nothing was verified: {error.diag.message_primary or error}."
            raise RefusedError(message) from None
    print(totals)
    if roots:
        print(f"{len(kept)} roots in {roots}")
    if faults:
        raise RefusedError("\n".join(("The audit trail is broken.", *faults)))


def _verify(connection: _Connection, kept: Mapping[int, set[str]]) -> tuple[list[str], str]:
    """Return what is broken, and how much there is."""
    ((has_trail,),) = connection.execute(_HAS_TRAIL)
    if not has_trail:
        message = "The schema has no audit trail."
        raise RefusedError(message)
    connection.execute(_SETTINGS)
    connection.execute(_FUNCTIONS.encode())
    faults = [*_seal_faults(connection), *_root_faults(connection, kept)]
    faults += [f"{row[0]}." for row in connection.execute("SELECT * FROM pg_temp.other_faults()")]
    (totals,) = connection.execute("SELECT * FROM pg_temp.totals()")
    return faults, "{} seals of {} changes; {} changes wait for a seal".format(*totals)


def _seal_faults(connection: _Connection) -> Iterator[str]:
    """Yield a sentence on the first broken seal, if there is one."""
    broken = connection.execute("SELECT * FROM pg_temp.broken_seals()").fetchall()
    if broken:
        number, fault = broken[0]
        yield f"Seal {number} is broken: {fault}."
        if later := {each for each, _ in broken} - {number}:
            yield f"So are {len(later)} later seals."


def _root_faults(connection: _Connection, kept: Mapping[int, set[str]]) -> Iterator[str]:
    """Yield a sentence on the first root that is not the one in the log, if there is one."""
    query = "SELECT * FROM pg_temp.roots(%s)"
    found: dict[int, str] = dict(connection.execute(query, [sorted(kept)]).fetchall())
    for number in sorted(kept):
        if number not in found:
            yield f"Seal {number} has been logged, and is gone; so are the changes that it covered."
            return
        if kept[number] != {found[number]}:
            yield f"Seal {number} was logged with another root: it was made anew, and what follows."
            return


def _kept_roots(path: Path) -> dict[int, set[str]]:
    """Read the roots in lines of the log, by the number of the seal. Raises RefusedError."""
    kept: dict[int, set[str]] = {}
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                for number, root in _ROOT.findall(line):
                    kept.setdefault(int(number), set()).add(root)
    except OSError as error:
        message = f"{path} can't be read: {error.strerror}."
        raise RefusedError(message) from None
    if not kept:
        message = f"{path} has no line with a root, such as `seal 1 root 5feb…`."
        raise RefusedError(message)
    return kept
