"""Each grant and each index of both schemas: without it, what it offers is offered no longer."""

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from api.catalog.relations import Catalog, Relation
from api.database.connections import connect
from api.document import parameters
from api.operations import index_access, kinds
from api.operations.discovery import build
from tests.support import samples
from tests.support.catalogs import read_again, read_catalog
from tests.support.checklist import Checklist
from tests.support.databases import TestDatabase

GRANTS: LiteralString = """
    SELECT n.nspname, c.relname, g.column_name, grantee::regrole::text, privilege_type
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace, LATERAL (
        SELECT '' AS column_name, e.* FROM aclexplode(relacl) AS e
        UNION ALL SELECT attname::text, e.* FROM pg_attribute, aclexplode(attacl) AS e
        WHERE attrelid = c.oid) AS g
    WHERE n.nspname IN ('api', 'billing', 'reporting', 'zoo') AND grantee <> c.relowner
    ORDER BY 1, 2, 3, 4, 5
"""
INDEXES: LiteralString = """
    SELECT t.relname::text, i.relname::text FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
        JOIN pg_class AS t ON t.oid = indrelid JOIN pg_namespace AS n ON n.oid = t.relnamespace
    WHERE n.nspname IN ('billing', 'zoo')
"""
ROLES = ("api", "front_desk", "clinician", "biller", "auditor", "admin")
# What a view grants and its table does not is granted to nobody (tests/menagerie/README.md).
VOID = {("notices", "pinned", "UPDATE"), ("notices", "", "DELETE")}
# What a view reads to look something up, and does not show.
LOOKED_UP = {("diagnosis", "day"), ("line_item", "day")}
OFFERING_NOTHING = {
    "dose_drug_collated_idx",  # of a function, but not under the C collation
    "dose_price_idx",  # of a function of a number
    "footfall_day_idx",  # of a table without a key
    "cpt_code_version_code_hash_valid_during_key",  # of what no view shows
    "diagnosis_code_version_code_hash_valid_during_key",  # likewise
    "claim_original_is_one",  # partial: what it refuses is a rule
    "submission_is_one",  # likewise
    "submission_control_number_is_one",  # likewise
    "coverage_is_one_a_day",  # an exclusion: what it refuses is a rule
    "fee_is_one_a_day",  # an exclusion: what it refuses is a rule
    "keeper_initials_idx",  # partial
    "keeper_lower_idx",  # of an expression
    "lodge_beds_idx",  # without the column that policies give
    "lodge_rate_idx",  # of numbers, whose comparisons are not leakproof
    "lodge_spelling_idx",  # of a function, which is not leakproof
    "practice_clinic_id_key",  # of the column that policies give alone
    "sighting_pkey",  # nobody may read these rows
    "specimen_traits_idx",  # gin, of jsonb
    "tour_place_key",  # checked at COMMIT
}
# A statement that needs the privilege, and nothing else that is granted apart.
USES = {
    "SELECT": "EXPLAIN SELECT {column} FROM {relation}",
    "INSERT": "EXPLAIN INSERT INTO {relation} ({column}) VALUES (DEFAULT)",
    "UPDATE": "EXPLAIN UPDATE {relation} SET {column} = DEFAULT",
    "DELETE": "EXPLAIN DELETE FROM {relation}",
}
# Tells of each statement whether it is permitted, in one round trip.
PERMITTED: LiteralString = """
    CREATE FUNCTION public.permitted(statements text[]) RETURNS boolean[] LANGUAGE plpgsql AS $$
    DECLARE
        answers boolean[] = '{}';
        statement text;
    BEGIN
        FOREACH statement IN ARRAY statements LOOP
            BEGIN
                EXECUTE statement;
                answers = answers || true;
            EXCEPTION WHEN insufficient_privilege THEN
                answers = answers || false;
            END;
        END LOOP;
        RETURN answers;
    END $$
"""
REPORTS: LiteralString = "SELECT viewname FROM pg_views WHERE schemaname = 'reporting'"
# A column that can be named in any statement: not a generated one.
FIRST: LiteralString = """
    SELECT DISTINCT ON (c.oid) relnamespace::regnamespace::text, relname, attname
    FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    WHERE relnamespace::regnamespace::text IN ('api', 'billing', 'reporting', 'zoo')
    ORDER BY c.oid, attnum
"""
NAME = "{4} of {0}.{1}.{2} to {3}"
Grant = tuple[str, str, str, str, str]


def connected(database: TestDatabase) -> dict[str, psycopg.Connection]:
    """Connect as each role, and as the owner."""
    urls = {
        **{f"superbill_{role}": database.acting_url(f"superbill_{role}") for role in ROLES},
        "superbill_reporter": database.reporter_url,
        "owner": database.owner_url,
    }
    return {role: psycopg.connect(url, autocommit=True) for role, url in urls.items()}


def statements(grant: Grant, column: str, reports: list[str]) -> list[str]:
    """List statements of plain SQL that the grant's role may all run as long as it has the grant.

    The role of the reports reads tables only through them.
    """
    schema, relation, _, role, privilege = grant
    if role == "superbill_reporter" and schema != "reporting":
        return [f"EXPLAIN SELECT * FROM {named('reporting', report)}" for report in reports]
    return [USES[privilege].format(relation=named(schema, relation), column=named(column))]


def permitted(connection: psycopg.Connection, uses: list[list[str]]) -> list[bool]:
    """Tell of each list of statements whether the role of a connection may run all of them."""
    every = [statement for of_one in uses for statement in of_one]
    found = connection.execute("SELECT public.permitted(%s)", [every]).fetchone()
    assert found
    answers = iter(found[0])
    return [False not in itertools.islice(answers, len(of_one)) for of_one in uses]


def change(owner: psycopg.Connection, verb: str, grants: list[Grant]) -> None:
    """Revoke them, or grant them."""
    made = []
    for schema, relation, column, role, privilege in grants:
        columns = f"({named(column)})" if column else ""
        made.append(verb.format(privilege, columns, named(schema, relation), named(role)))
    owner.execute("; ".join(made).encode())


def named(*names: str) -> str:
    """Quote a name."""
    return sql.Identifier(*names).as_string()


def rounds(grants: list[Grant]) -> Iterator[list[Grant]]:
    """Give the grants in groups, of which each grant has an effect of its own.

    They are to one role, of one schema and of reads or writes, and of several relations. What the
    role of the reports lacks is seen for one grant at a time.
    """
    groups: dict[tuple[Hashable, ...], dict[tuple[str, str], list[Grant]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for grant in grants:
        schema, relation, _, role, privilege = grant
        alone = grant if role == "superbill_reporter" else None
        groups[schema, role, privilege == "SELECT", alone][relation, privilege].append(grant)
    for group in groups.values():
        for some in itertools.zip_longest(*group.values()):
            yield [grant for grant in some if grant]


def lost(grant: Grant, missing: list[str], catalog: Catalog) -> bool:
    """Tell whether the API stops to offer what was granted."""
    schema, relation, column, _, privilege = grant
    for shown in (*catalog.relations, *catalog.reports):
        of_table = shown.table == (schema, relation)
        if of_table or (shown.schema, shown.name) == (schema, relation):
            names = [
                c.name for c in shown.columns if column in ("", c.source if of_table else c.name)
            ]
            names += [
                name
                for source, name in shown.search_columns.items()
                if column in ("", source if of_table else name)
            ]
            told = (
                [f"{shown.schema}.{shown.name}.{name} " for name in names]
                if privilege != "DELETE"
                else []
            )
            told = told or [f"{shown.schema}.{shown.name} "]
            ends = f" {privilege.lower()}"
            if any(
                entry.startswith(start) and entry.endswith(ends)
                for entry in missing
                for start in told
            ):
                return True
    return False


@samples.shares(0.25)  # of the groups of grants to the API's role, after which a server reads
@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_each_grant_offers_operations_that_its_revoke_removes(
    schema: str, share: float, request: pytest.FixtureRequest
) -> None:
    database: TestDatabase = request.getfixturevalue(schema)
    grants: list[Grant] = database.execute(GRANTS)  # type: ignore[assignment]
    void = {NAME.format(*grant) for grant in grants if (grant[1], grant[2], grant[4]) in VOID}
    checklist = Checklist((NAME.format(*grant) for grant in grants), void)
    roles = connected(database)
    owner = roles["owner"]
    owner.execute(PERMITTED)
    reports = [str(name) for (name,) in owner.execute(REPORTS)]
    columns = {(str(of), str(name)): str(column) for of, name, column in owner.execute(FIRST)}
    async with connect(database.api_url, min_size=1, max_size=1) as kept:
        whole = await read_again(kept)
        groups = list(rounds(grants))
        own = [some for some in groups if some[0][3] == "superbill_api"]
        read = samples.sample(own, lambda some: (some[0][0], some[0][4] == "SELECT"), share)
        for some in groups:
            role = some[0][3]
            uses = [statements(g, g[2] or columns[g[0], g[1]], reports) for g in some]
            for grant, may in zip(some, permitted(roles[role], uses), strict=True):
                assert may == (NAME.format(*grant) not in void), grant
            change(owner, "REVOKE {} {} ON {} FROM {}", some)
            ours = some in read
            missing = whole.missing_from(await read_again(kept)) if ours else []
            for grant, may in zip(some, permitted(roles[role], uses), strict=True):
                name = NAME.format(*grant)
                if name not in void:
                    checklist.held(name)
                    used = not ours or lost(grant, missing, whole) or unserved(grant, whole)
                    if (used or grant[1:3] in LOOKED_UP) and not may:
                        checklist.failed(name)
            change(owner, "GRANT {} {} ON {} TO {}", some)
        assert whole.missing_from(await read_again(kept)) == []
    for connection in roles.values():
        connection.close()
    title = f"grants of {schema.replace('database', 'billing')}, by the API"
    checklist.close(f"{title} {samples.said(len(read), len(own), 'groups')}", request)


def unserved(grant: Grant, catalog: Catalog) -> bool:
    """Tell whether the grant is on a relation that only reports and other views read."""
    shown = {(r.schema, r.name) for r in (*catalog.relations, *catalog.reports)} | {
        r.table for r in catalog.relations
    }
    return (grant[0], grant[1]) not in shown


def shapes(catalog: Catalog, table: str) -> set[tuple[str, ...]]:
    """Give the operations of a table, with each filter, pair of filters and order of its lists."""
    found: set[tuple[str, ...]] = set()
    for operation in build(catalog):
        relation, fixed = operation.relation, operation.fixed
        if not relation.table or relation.table[1] != table:
            continue
        found.add((operation.id,))
        if operation.kind is kinds.LIST:
            filters = parameters.filters(operation)
            found |= {
                (operation.id, c.name)
                for c in relation.columns
                if index_access.serve(relation, fixed, (), c.name)
            }
            for some in ((), *((f,) for f in filters), *itertools.combinations(filters, 2)):
                if index_access.serve(relation, fixed, some):
                    found.add((operation.id, "", *(f.name for f in some)))
    return found


def without(catalog: Catalog, table: str, index: str) -> Catalog:
    """Give the catalog of a database that does not have the index."""

    def lacking(relation: Relation) -> Relation:
        kept = tuple(
            i
            for i in relation.indexes
            if (relation.table or ("", ""))[1] != table or i.name != index
        )
        return replace(relation, indexes=kept) if len(kept) != len(relation.indexes) else relation

    return replace(catalog, relations=tuple(map(lacking, catalog.relations)))


@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_each_index_offers_something_that_its_drop_removes(
    schema: str, request: pytest.FixtureRequest
) -> None:
    database: TestDatabase = request.getfixturevalue(schema)
    catalog = await read_catalog(database.api_url)
    indexes = [(str(table), str(index)) for table, index in database.execute(INDEXES)]
    named = [f"{table}: {index}" for table, index in indexes]
    checklist = Checklist(
        named, {name for name in named if name.partition(": ")[2] in OFFERING_NOTHING}
    )
    nothing, whole = set(), {table: shapes(catalog, table) for table, _ in indexes}
    for table, index in indexes:
        gone = whole[table] - shapes(without(catalog, table, index), table)
        print(f"{table}: {index}: {sorted(gone)}")
        if gone:
            checklist.held(f"{table}: {index}")
            checklist.failed(f"{table}: {index}")
        else:
            nothing.add(index)
    assert nothing == OFFERING_NOTHING & {index for _, index in indexes}
    checklist.close(f"indexes of {request.node.callspec.id}", request)
