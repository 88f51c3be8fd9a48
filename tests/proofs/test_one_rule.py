"""One rule, four faces: published schema, API, SQL by the same role, and comment.

Every constraint of both schemas is seen to hold and to fail, and where it fails the faces agree.
"""

import asyncio
import itertools
import json
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from api.catalog.relations import Column, Relation, Type
from api.operations.discovery import build
from api.operations.operation import Operation
from tests.support import valid_bodies
from tests.support.checklist import Checklist
from tests.support.sample_requests import CHARGED, PARTIES, PRACTICE, SENT, SEVERAL_PRACTICES
from tests.support.schema_rules import OURS, RULES, UNBREAKABLE
from tests.support.serving import Serve, Serving
from tests.support.special_bodies import OF_THE_OWNER, SPECIAL, SPECIAL_ROWS
from tests.support.values import edges, matching, values
from tests.support.verdicts import Body, Faces, Verdict, details, marked, varied
from tests.support.visits import bill_visit, config

# About other rows, or of a trigger or a view: no schema of one body can say it.
ABOUT_OTHERS = {"23503", "23505", "23P01", "44000", "55000", "P0001"}
OF_TYPE = "must be a value of the Postgres type "
SAME = "the same"
WRONG = (SAME, "no such label", "99999999999999999999", "x" * 300)
# JSON has them as Postgres writes them.
PLAIN = ("int2", "int4", "int8", "float4", "float8", "bool")
BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


Case = Callable[[tuple[Any, ...]], None]


class Trial:
    """All bodies of a schema, and what was seen of its rules."""

    def __init__(
        self, faces: Faces, s: Serving, bodies: dict[str, dict[str, Any]], examples: int, every: int
    ) -> None:
        """List the rules; `every`: of the bodies that there are to try, every nth is tried."""
        self.faces, self.bodies, self.every = faces, bodies, every
        self.bounded = settings(BOUNDED, max_examples=examples)
        listed = faces.owner.execute(RULES).fetchall()
        self.rules = {
            str(name): (str(table), frozenset(columns or ())) for name, table, columns in listed
        }
        self.checklist = Checklist(self.rules, UNBREAKABLE)
        offered = (o for o in build(s.catalog) if not o.parents and not o.kind.by_filters)
        self.operations = [operation for operation in offered if operation.kind.body]
        self.disagreements: list[str] = []
        self.tried = 0
        self._numbers = itertools.count()

    def run(self) -> None:
        """Try each body that there is to try, or every nth and what its rules need beside those."""
        if self.every > 1:
            self._see_as_owner()
        for operation in self.operations:
            self._try(operation, *self.faces.begun(operation, self.bodies[operation.relation.name]))
            self._try_special(operation)
        self._see_as_owner()
        self._try_statements()

    def _see_as_owner(self) -> None:
        for how, see in {
            "to hold": self._held_for_the_owner,
            "to fail": self._failed_for_the_owner,
        }.items():
            for name in self.checklist.unseen()[how]:
                table, columns = self.rules[name]
                if columns and not self._writable(table, columns):
                    see(name)

    def _try(self, operation: Operation, whole: Body, row: Body | None, path: str) -> None:
        for name in whole:
            self.judge(
                operation,
                {key: value for key, value in whole.items() if key != name},
                (name,),
                row,
                path,
            )
        left_out: list[tuple[tuple[str, ...], Callable[[], None]]] = []
        for columns, drawn in self._drawn(operation):
            case = self._case(operation, columns, whole, row, path)
            attempts: list[Callable[[], None]]
            if isinstance(drawn, list):
                attempts = [partial(case, values) for values in drawn]
            else:
                drawing = given(drawn)(case)  # type: ignore[no-untyped-call]
                attempts = [self.bounded(drawing)]
            for attempt in attempts:
                if next(self._numbers) % self.every:
                    left_out.append((columns, attempt))
                else:
                    attempt()
        for columns, attempt in left_out:
            if self._has_unseen(operation.relation, columns):
                attempt()

    def _has_unseen(self, relation: Relation, names: tuple[str, ...]) -> bool:
        """Tell whether a rule about some of these columns was not seen to hold or to fail."""
        columns = [relation.column(name) for name in names]
        sources = {column.source for column in columns}
        domains = {domain for column in columns for domain in _domains(column.type)}
        unseen = self.checklist.unseen()
        held = {name for _, name, holds in OF_THE_OWNER if holds}
        failed = {name for *_, name in SPECIAL} | {name for _, name, _ in OF_THE_OWNER} - held
        for rule in {*unseen["to hold"]} - held | {*unseen["to fail"]} - failed:
            table, about = self.rules[rule]
            if (about & sources and (table == _table_of(relation))) or _domain_of(rule) in domains:
                return True
        return False

    def _case(
        self,
        operation: Operation,
        columns: tuple[str, ...],
        whole: Body,
        row: Body | None,
        path: str,
    ) -> Case:
        def case(values: tuple[Any, ...]) -> None:
            self.judge(
                operation, {**whole, **dict(zip(columns, values, strict=True))}, columns, row, path
            )

        return case

    def _try_special(self, operation: Operation) -> None:
        for identifier, key, body, name in SPECIAL:
            if identifier == operation.id:
                path = f"/{operation.relation.name}/{key}" if key else ""
                row = self.faces.ask("GET", path).json() if key else None
                seen = self.judge(operation, body, tuple(body), row, path)
                assert seen.refusal
                assert seen.refusal.name == name

    def _try_statements(self) -> None:
        for statement, name, holds in OF_THE_OWNER:
            if name in self.rules:
                refusal = self.faces.refusal_of_the_owner(sql.SQL(statement).format())
                assert refusal.name == ("" if holds else name), (statement, refusal)
                (self.checklist.held if holds else self.checklist.failed)(name)

    def _drawn(self, operation: Operation) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Return values, listed or drawn, of each column and of each rule's columns."""
        schema, relation = self.faces.schema(operation), operation.relation
        columns = {column.source or column.name: column for column in varied(operation)}
        for column in columns.values():
            part = schema["properties"][column.name]
            yield (column.name,), [(value,) for value in edges(column, relation, part)]
            text = column.type.base.name in ("text", "varchar", "bpchar")
            yield (
                (column.name,),
                st.tuples(st.one_of(values(column.type), *(matching(part) if text else ()))),
            )
        table = _table_of(relation)
        references = {c.name: c for c in relation.constraints if c.kind == "f"}
        checks = {c.name for c in relation.constraints if c.kind == "c"}
        for name, (of, about) in self.rules.items():
            _, mark, bare = name.partition(": ")
            constraint = references.get(bare)
            if (
                mark
                and of == table
                and about
                and about <= columns.keys()
                and (len(about) > 1 or bare not in checks)
            ):
                together = [columns[source] for source in sorted(about)]
                names = tuple(column.name for column in together)
                yield (
                    names,
                    self._stored(relation.table, together, [c.source or "" for c in together]),
                )
                if constraint:
                    order = dict(zip(constraint.columns, constraint.referenced, strict=True))
                    keys = [order[c.source or ""] for c in together]
                    yield names, self._stored(constraint.references, together, keys)
                if len(about) > 1:
                    yield names, st.tuples(*(values(column.type) for column in together))

    def _stored(
        self, table: Any, columns: list[Column], sources: list[str]
    ) -> list[tuple[Any, ...]]:
        """Give what stands in these columns of a table."""
        shown = sql.SQL(", ").join(
            sql.SQL("CAST({} AS text)").format(sql.Identifier(source)) for source in sources
        )
        query = sql.SQL("SELECT DISTINCT {} FROM {} ORDER BY 1 LIMIT 9").format(
            shown, sql.Identifier(*table)
        )
        plain = [column.type.base.kind in "be" for column in columns]
        found = self.faces.owner.execute(query).fetchall() if all(plain) or len(columns) > 1 else []
        return [tuple(_read(t, c) for t, c in zip(texts, columns, strict=True)) for texts in found]

    def judge(
        self,
        operation: Operation,
        body: Body,
        changed: tuple[str, ...],
        row: Body | None,
        path: str,
    ) -> Verdict:
        """Try one body, note what it shows, and whether the faces agree."""
        seen = self.faces.judge(operation, body, row, path)
        self.tried += 1
        table = _table_of(operation.relation)
        columns = [operation.relation.column(name) for name in body]
        given = [column for column in columns if body[column.name] is not None]
        if seen.refusal is None:
            sources = {column.source for column in given}
            domains = {name for column in given for name in _domains(column.type)}
            about = (
                n for n, (of, sought) in self.rules.items() if of == table and sources >= sought
            )
            of_domains = (n for n in self.rules if _domain_of(n) in domains)
            self.checklist.held(*(n for n in (*about, *of_domains) if n in self.checklist))
        elif seen.refusal.name in self.rules:
            self.checklist.failed(*(n for n in (seen.refusal.name,) if n in self.checklist))
        elif seen.refusal.state[:2] in ("22", "ro") and len(changed) == 1:
            name = f"type {table}.{operation.relation.column(changed[0]).source}"
            self.checklist.failed(*({name} & self.rules.keys()))
        fault = _disagreement(seen, self.faces.schema(operation))
        if fault:
            self.disagreements.append(
                f"{operation.id} {dict(body)} {fault}: {seen} {seen.answer.text[:400]}"
            )
        return seen

    def _held_for_the_owner(self, name: str) -> None:
        """See it hold where only the owner writes: in what is stored."""
        table, columns = self.rules[name]
        tests = [sql.SQL("{} IS NOT NULL").format(sql.Identifier(column)) for column in columns]
        query = sql.SQL("SELECT FROM {} WHERE {}").format(
            self._table(table), sql.SQL(" AND ").join(tests)
        )
        if self.faces.owner.execute(query).fetchone() is not None:
            self.checklist.held(name)

    def _failed_for_the_owner(self, name: str) -> None:
        """See a rule fail that only the owner can break: insert a changed row."""
        table, columns = self.rules[name]
        query = (
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND attgenerated = ''"
        )
        known = [
            c
            for (c,) in self.faces.owner.execute(
                query, [self._table(table).as_string(self.faces.owner)]
            )
        ]
        shown = sql.SQL(", ").join(map(sql.Identifier, known))
        for text in (None, *WRONG):
            values = [
                sql.Literal(text) if c in columns and text != SAME else sql.Identifier(c)
                for c in known
            ]
            statement = sql.SQL(
                "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} LIMIT 1"
            ).format(self._table(table), shown, sql.SQL(", ").join(values), self._table(table))
            refusal = self.faces.refusal_of_the_owner(statement)
            if refusal.name == name or (
                name.startswith("type ") and refusal.state.startswith("22")
            ):
                self.checklist.failed(name)
                return

    def _table(self, name: str) -> sql.Identifier:
        query = (
            f"SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid ="
            f" relnamespace WHERE {OURS}"
        )
        found = self.faces.owner.execute(query + " AND relname = %s", [name]).fetchone()
        assert found
        return sql.Identifier(str(found[0]), name)

    def _writable(self, table: str, columns: frozenset[str]) -> bool:
        offered = {
            c.source
            for o in self.operations
            if o.relation.table and o.relation.table[1] == table
            for c in o.body
        }
        return not table or offered >= columns != frozenset()


def _table_of(relation: Relation) -> str:
    return (relation.table or ("", ""))[1]


def _read(text: str | None, column: Column) -> Any:
    is_plain = column.type.is_quantity or column.type.base.name in PLAIN
    return json.loads(text) if text is not None and is_plain else text


def _domain_of(rule: str) -> str:
    """Give the domain whose rule it is, or something that is called like none."""
    return rule.removeprefix("NOT NULL ").partition(":")[0]


def _domains(type_: Type) -> Iterator[str]:
    if type_.kind == "d":
        yield f"domain {type_.name}"
    if type_.part:
        yield from _domains(type_.part)


def _disagreement(seen: Verdict, schema: Any) -> str:
    """Return the differences; none where the document marks what only the database checks."""
    if seen.answer.status_code not in (200, 201, 409, 422):
        return "neither accepted nor refused"
    taken, refusal = seen.answer.is_success, seen.refusal
    if taken != (refusal is None):
        return "the API and SQL differ"
    if refusal is None:
        return "" if seen.valid else "the schema alone refuses"
    sentences = marked(schema)
    if seen.valid and refusal.state not in ABOUT_OTHERS and refusal.told not in sentences:
        of_type = refusal.state.startswith(("22", "23514")) and any(
            text.startswith(OF_TYPE) for text in sentences
        )
        if refusal.name or not of_type:
            return "the schema alone accepts"
    if (
        refusal.told
        and refusal.told not in details(seen.answer)
        and (seen.valid or refusal.told not in sentences)
    ):
        return "the sentence is not the comment"
    return ""


@pytest.mark.parametrize(
    "extent",  # the examples of each column, and that every nth body is tried
    [(2, 12), pytest.param((50, 1), marks=[pytest.mark.long, pytest.mark.timeout(3600)])],
    ids=["sample", "all"],
)
@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_schema_api_sql_and_comment_agree_on_each_rule(
    serve: Serve,
    loop: AbstractEventLoop,
    schema: str,
    extent: tuple[int, int],
    request: pytest.FixtureRequest,
) -> None:
    database = request.getfixturevalue(schema)
    service = await serve(config(database))
    bodies = (
        valid_bodies.MENAGERIE
        if schema == "menagerie"
        else valid_bodies.billing(await bill_visit(service.client))
    )
    if schema == "database":
        rows = PRACTICE + PARTIES + CHARGED + SENT + SPECIAL_ROWS
        database.execute(SEVERAL_PRACTICES + rows)
    document = (await service.client.get("/openapi.json")).json()
    faces = Faces(service, database, document, loop)
    try:
        trial = Trial(faces, service, bodies, *extent)
        await asyncio.to_thread(trial.run)
    finally:
        faces.close()
    print(f"{trial.tried} bodies")
    assert trial.disagreements == []
    trial.checklist.close(f"rules of {'billing' if schema == 'database' else schema}", request)
