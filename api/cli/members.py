"""People who log in to Postgres: `superbill grant`, `revoke` and `members`, as the owner.

A role is granted by Postgres's own GRANT. Which tenant's rows a login sees is said by the schema
`identity`, where there are tenants: its functions `admit` and `dismiss`, and its view `members`.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from psycopg import DataError, sql
from psycopg.errors import ForeignKeyViolation

from api.cli import target
from api.cli.columns import aligned
from api.cli.migrations import connection_parameters
from api.cli.refusal import RefusedError
from api.config import Config

_Connection = psycopg.Connection[tuple[Any, ...]]
_HAS_TENANTS = "SELECT to_regprocedure('identity.admit(text, text)') IS NOT NULL"
_LOGIN = "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s"
# A role that may not log in, use nothing but what it was granted, nor say for whom it acts.
_ROLE = """
    SELECT NOT (rolcanlogin OR rolsuper OR rolcreaterole OR rolbypassrls)
    AND NOT pg_has_role(oid, 'superbill_gate', 'MEMBER') AND rolname !~ '^pg_'
    FROM pg_roles WHERE rolname = %s"""
_GRANTED = """
    SELECT g.rolname FROM pg_auth_members AS m
    JOIN pg_roles AS r ON r.oid = m.member JOIN pg_roles AS g ON g.oid = m.roleid
    WHERE r.rolname = %s ORDER BY g.rolname"""
_HEAD = ("LOGIN", "ROLE", "TENANT")


def grant(settings: Config, login: str, role: str, tenant: str | None = None) -> None:
    """Grant a role to a login, and make it a member of a tenant where the schema has tenants.

    Raises RefusedError.
    """
    with _owner(settings) as connection:
        if not _one(connection, _LOGIN, login):
            message = f"There is no login {login}: make it with CREATE ROLE {login} LOGIN."
            raise RefusedError(message)
        if not _one(connection, _ROLE, role):
            message = f"{role} is no role that a person may have: `superbill routes` lists them."
            raise RefusedError(message)
        has_tenants = _one(connection, _HAS_TENANTS)
        if has_tenants and tenant is None and not _is_member(connection, login):
            message = f"{login} belongs to no clinic yet: say which one with --clinic ID."
            raise RefusedError(message)
        if tenant is not None and not has_tenants:
            message = "This schema has no tenants: leave --clinic out."
            raise RefusedError(message)
        # Without SET, everything that the login does is done in its own name.
        statement = sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE")
        connection.execute(statement.format(sql.Identifier(role), sql.Identifier(login)))
        if tenant is not None:
            _admit(connection, login, tenant)
    print(f"granted {role} to {login}{f' for {tenant}' if tenant else ''}")


def revoke(settings: Config, login: str, role: str) -> None:
    """Revoke a role from a login; with the last one, the login leaves its tenant.

    Raises RefusedError.
    """
    with _owner(settings) as connection:
        if role not in _granted(connection, login):
            message = f"{login} does not have {role}."
            raise RefusedError(message)
        statement = sql.SQL("REVOKE {} FROM {}")
        connection.execute(statement.format(sql.Identifier(role), sql.Identifier(login)))
        if not _granted(connection, login) and _one(connection, _HAS_TENANTS):
            connection.execute("SELECT identity.dismiss(%s)", [login])
    print(f"revoked {role} from {login}")


def members(settings: Config) -> None:
    """Print the logins that belong to a tenant, with their roles."""
    with _owner(settings) as connection:
        if not _one(connection, _HAS_TENANTS):
            message = "This schema has no tenants, so it has no members."
            raise RefusedError(message)
        query = "SELECT login, role, tenant FROM identity.members"
        rows = [_HEAD, *(tuple(cell or "-" for cell in row) for row in connection.execute(query))]
    print(*aligned(rows), sep="\n")


def _admit(connection: _Connection, login: str, tenant: str) -> None:
    try:
        connection.execute("SELECT identity.admit(%s, %s)", [login, tenant])
    except (ForeignKeyViolation, DataError):
        message = f"There is no clinic {tenant}."
        raise RefusedError(message) from None


@contextmanager
def _owner(settings: Config) -> Iterator[_Connection]:
    """Connect as the owner, in one transaction; what Postgres refuses is a RefusedError."""
    with ExitStack() as stack:
        url = target.owner_url(settings, stack)
        try:
            with psycopg.connect(**connection_parameters(url)) as connection:
                yield connection
        except psycopg.Error as error:
            message = f"Nothing was changed: {error.diag.message_primary or error}."
            raise RefusedError(message) from None


def _one(connection: _Connection, query: str, *values: str) -> object:
    row = connection.execute(query.encode(), values).fetchone()
    return row and row[0]


def _granted(connection: _Connection, login: str) -> list[str]:
    return [row[0] for row in connection.execute(_GRANTED, [login])]


def _is_member(connection: _Connection, login: str) -> object:
    return _one(connection, "SELECT true FROM identity.members WHERE login = %s LIMIT 1", login)
