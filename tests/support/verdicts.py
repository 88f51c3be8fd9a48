"""Verdicts on one body: of the published schema, of the API, and of SQL by the same role."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
from jsonschema_rs import Draft202012Validator
from psycopg import sql

from api.catalog.relations import Column, Relation
from api.document.component_names import body_name
from api.operations import kinds
from api.operations.operation import Operation
from tests.support.databases import TestDatabase
from tests.support.documents import schemas_of
from tests.support.serving import LONG, Serving
from tests.support.values import VARHDRSZ, literal

Body = Mapping[str, Any]


RAISED = "P0001"  # a trigger's refusal, whatever it calls it


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why Postgres does not take a row, or not as it was sent: a name as `rules` lists them.

    `told`: what the constraint's comment says.
    """

    state: str
    name: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the three faces say of one body."""

    valid: bool
    answer: httpx.Response
    refusal: Refusal | None


class Faces:
    """The three faces of one database; run in a thread of its own, beside the server's."""

    def __init__(
        self, s: Serving, database: TestDatabase, document: Body, loop: AbstractEventLoop
    ) -> None:
        """Connect as the API's role, and as the owner who undoes what was accepted."""
        self._s, self._loop, self._schemas = s, loop, schemas_of(dict(document))
        self.role = psycopg.connect(database.sql_url)
        self.owner = psycopg.connect(database.owner_url, autocommit=True)
        self._validators: dict[str, Draft202012Validator] = {}
        self._keys: dict[str, Body] = {}  # by the paths to which PUT is sent

    def close(self) -> None:
        """Disconnect."""
        self.role.close()
        self.owner.close()

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a request."""
        sent = self._s.client.request(method, path, json=body, headers=headers)
        return asyncio.run_coroutine_threadsafe(sent, self._loop).result(LONG)

    def schema(self, operation: Operation) -> dict[str, Any]:
        """Give the schema of an operation's body, of its columns alone."""
        schema = self._schemas[body_name(operation)]
        below = {each.segment for each in operation.nested}
        columns = {n: part for n, part in schema["properties"].items() if n not in below}
        return {**schema, "properties": columns}

    def begun(self, operation: Operation, whole: Body) -> tuple[Body, Body | None, str]:
        """Give a body to vary, the row to change, and the row's path, for bodies of a kind."""
        if operation.kind is kinds.CREATE:
            return whole, None, ""
        if operation.kind is not kinds.REPLACE:
            if not operation.relation.allowed("insert"):
                (row,) = self.ask("GET", f"/{quote(operation.relation.name)}/?limit=1").json()
                found = ",".join(quote(str(row[name]), safe="") for name in operation.relation.key)
                return {}, row, f"/{quote(operation.relation.name)}/{found}"
            made = self.ask("POST", f"/{quote(operation.relation.name)}/", whole)
            return {}, made.json(), made.headers["location"]
        key = {name: whole[name] for name in operation.relation.key}
        segment = ",".join(quote(str(value), safe="") for value in key.values())
        path = f"/{quote(operation.relation.name)}/{segment}"
        self._keys[path] = key
        self._remove(operation.relation, key)
        return {name: value for name, value in whole.items() if name not in key}, None, path

    def judge(
        self, operation: Operation, body: Body, row: Body | None = None, path: str = ""
    ) -> Verdict:
        """Return the three verdicts and undo all changes; `row` is the one to change."""
        if operation.id not in self._validators:
            self._validators[operation.id] = Draft202012Validator(
                self.schema(operation), validate_formats=True
            )
        valid = self._validators[operation.id].is_valid(dict(body))
        if row is None:
            key = self._keys.get(path, {})
            inserted = self._insert(operation.relation, {**body, **key})
            refusal = self._refusal(operation.relation, inserted, body)
            new = {"if-none-match": "*"} if key else {}
            answer = self.ask(operation.method, path or operation.path, body, new)
            if answer.is_success:
                self._remove(operation.relation, answer.json())
        else:
            refusal = self._refusal(
                operation.relation, self._update(operation.relation, body, row), body
            )
            answer = self.ask("PATCH", path, body)
            if answer.is_success:
                self._restore(operation.relation, answer.json(), row)
        return Verdict(valid, answer, refusal)

    def _insert(self, relation: Relation, body: Body) -> sql.Composed:
        names = sql.SQL(", ").join(map(sql.Identifier, body))
        texts = sql.SQL(", ").join(
            literal(value, relation.column(name).type) for name, value in body.items()
        )
        into = sql.Identifier("api", relation.name)
        return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(into, names, texts)

    def _update(self, relation: Relation, body: Body, row: Body) -> sql.Composed:
        sets = [_equal(relation.column(name), name, value) for name, value in body.items()]
        where = [_equal(relation.column(name), name, row[name]) for name in relation.key]
        parts = (
            sql.Identifier("api", relation.name),
            sql.SQL(", ").join(sets),
            sql.SQL(" AND ").join(where),
        )
        return sql.SQL("UPDATE {} SET {} WHERE {}").format(*parts)

    def _refusal(self, relation: Relation, statement: sql.Composed, body: Body) -> Refusal | None:
        """Run a statement as the role; return what refuses it, or stores another value."""
        kept = [
            _kept(relation.column(name), value)
            for name, value in body.items()
            if _modified(relation.column(name))
        ]
        try:
            if kept:
                statement += sql.SQL(" RETURNING {}").format(sql.SQL(" AND ").join(kept))
            found = self.role.execute(statement)
            if kept and found.fetchone() not in ((True,), (None,)):
                return Refusal("rounded")
            self.role.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            return self._named(error)
        finally:
            self.role.rollback()
        return None

    def refusal_of_the_owner(self, statement: sql.Composed) -> Refusal:
        """Try as the owner what must fail, or is undone."""
        try:
            with self.owner.transaction(force_rollback=True):
                self.owner.execute(statement)
        except psycopg.Error as error:
            return self._named(error)
        return Refusal("")

    def _named(self, error: psycopg.Error) -> Refusal:
        state, diag = error.sqlstate or "", error.diag
        if state == "23502":
            where = (
                f"{diag.table_name}.{diag.column_name}"
                if diag.table_name
                else f"domain {diag.datatype_name}"
            )
            return Refusal(state, f"NOT NULL {where}")
        if not diag.constraint_name:
            return Refusal(state)
        found = self.owner.execute(
            "SELECT obj_description(c.oid, 'pg_constraint'), typname, contype"
            " FROM pg_constraint AS c LEFT JOIN pg_type AS t ON t.oid = contypid WHERE conname = %s"
            " UNION SELECT obj_description(oid, 'pg_class'), NULL, 'u' FROM pg_class"
            " WHERE relname = %s AND relkind = 'i'"
            " AND oid NOT IN (SELECT conindid FROM pg_constraint)",
            [diag.constraint_name, diag.constraint_name],
        ).fetchall()
        where = (
            diag.table_name or f"domain {found[0][1]}"
        )  # where it stands: another domain may be made of that one
        if not found or found[0][2] == "t":
            state = RAISED
        return Refusal(state, f"{where}: {diag.constraint_name}", found[0][0] if found else "")

    def _remove(self, relation: Relation, row: Body) -> None:
        table = sql.Identifier(*(relation.table or ()))
        keys = [relation.column(name) for name in relation.key]
        if not row:  # nobody may read it: the newest is the one
            newest = sql.SQL(
                "DELETE FROM {} WHERE id = (SELECT max(id::text)::uuid FROM {})"
            ).format(table, table)
            self.owner.execute(newest)
            return
        where = sql.SQL(" AND ").join(_equal(c, c.source or "", row[c.name]) for c in keys)
        self.owner.execute(sql.SQL("DELETE FROM {} WHERE {}").format(table, where))

    def _restore(self, relation: Relation, changed: Body, row: Body) -> None:
        """Put back what was changed, as the owner: the role might not see it any more."""
        columns = [
            c for c in relation.allowed("update") if c.source and not c.read_only and c.name in row
        ]
        sets = sql.SQL(", ").join(_equal(c, c.source or "", row[c.name]) for c in columns)
        keys = (relation.column(name) for name in relation.key)
        where = sql.SQL(" AND ").join(_equal(c, c.source or "", changed[c.name]) for c in keys)
        table = sql.Identifier(*(relation.table or ()))
        self.owner.execute(sql.SQL("UPDATE {} SET {} WHERE {}").format(table, sets, where))


def varied(operation: Operation) -> list[Column]:
    """Give the columns of a body whose values are varied: the path of a PUT has the key."""
    fixed = operation.relation.key if operation.kind is kinds.REPLACE else ()
    return [column for column in operation.body if column.name not in fixed]


def _equal(column: Column, name: str, value: Any) -> sql.Composed:
    return sql.SQL("{} = {}").format(sql.Identifier(name), literal(value, column.type))


def _plain(column: Column) -> str:
    """Name the column's type without its modifier."""
    base = column.type.base
    return f"{base.part.base.name}[]" if base.kind == "a" and base.part else base.name


def _modified(column: Column) -> bool:
    base = column.type.base
    part = base.part.base if base.kind == "a" and base.part else base
    return part.modifier >= (VARHDRSZ if part.name in ("varchar", "bpchar", "numeric") else 0)


def _kept(column: Column, value: Any) -> sql.Composed:
    plain = sql.SQL(_plain(column))
    pair = sql.Identifier(column.name), plain, literal(value, column.type), plain
    return sql.SQL("CAST({} AS {}) IS NOT DISTINCT FROM CAST({} AS {})").format(*pair)


def details(answer: httpx.Response) -> set[str]:
    """Give every sentence of a problem."""
    problem = answer.json()
    return {problem["detail"], *(fault["detail"] for fault in problem.get("errors", ()))}


def marked(schema: Any) -> set[str]:
    """Give every sentence that the schema marks as one for the database alone."""
    if isinstance(schema, dict):
        own = set(schema.get("x-database-checked", ()))
        return own.union(*(marked(part) for part in schema.values()))
    return set[str]().union(*map(marked, schema)) if isinstance(schema, list) else set()
