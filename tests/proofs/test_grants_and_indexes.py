"""Each grant and each index of both schemas: without it, what it offers is offered no longer."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
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
USES: dict[str, LiteralString] = {
    "SELECT": "EXPLAIN SELECT {column} FROM {relation}",
    "INSERT": "EXPLAIN INSERT INTO {relation} ({column}) VALUES (DEFAULT)",
    "UPDATE": "EXPLAIN UPDATE {relation} SET {column} = DEFAULT",
    "DELETE": "EXPLAIN DELETE FROM {relation}",
}
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


def permitted(connections: dict[str, psycopg.Connection], grant: Grant, column: str) -> bool:
    """Tell whether plain SQL of the grant's role may do it.

    The role of the reports reads tables only through them.
    """
    schema, relation, _, role, privilege = grant
    reports = connections["owner"].execute(
        "SELECT viewname FROM pg_views WHERE schemaname = 'reporting'"
    )
    used = [
        sql.SQL(USES[privilege]).format(
            relation=sql.Identifier(schema, relation), column=sql.Identifier(column)
        )
    ]
    if role == "superbill_reporter" and schema != "reporting":
        used = [
            sql.SQL("EXPLAIN SELECT * FROM {}").format(sql.Identifier("reporting", str(r)))
            for (r,) in reports
        ]
    try:
        for statement in used:
            connections[role].execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def change(connections: dict[str, psycopg.Connection], verb: LiteralString, grant: Grant) -> None:
    """Revoke it, or grant it."""
    schema, relation, column, role, privilege = grant
    columns = sql.SQL("({})").format(sql.Identifier(column)) if column else sql.SQL("")
    parts = sql.SQL(privilege), columns, sql.Identifier(schema, relation), sql.Identifier(role)
    connections["owner"].execute(sql.SQL(verb).format(*parts))


def rounds(grants: list[Grant]) -> Iterator[list[Grant]]:
    """Give the grants in groups: those of several relations with one schema and privilege."""
    groups: dict[tuple[str, ...], dict[str, list[Grant]]] = defaultdict(lambda: defaultdict(list))
    for grant in grants:
        schema, relation, _, role, privilege = grant
        groups[schema, role, privilege][relation].append(grant)
    for group in groups.values():
        for some in itertools.zip_longest(*group.values()):
            together = [grant for grant in some if grant]
            yield from (
                [together] if together[0][3] == "superbill_api" else ([grant] for grant in together)
            )


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


@pytest.mark.parametrize("schema", ["database", "menagerie"], ids=["billing", "menagerie"])
async def test_each_grant_offers_operations_that_its_revoke_removes(
    schema: str, request: pytest.FixtureRequest
) -> None:
    database: TestDatabase = request.getfixturevalue(schema)
    grants: list[Grant] = database.execute(GRANTS)  # type: ignore[assignment]
    void = {NAME.format(*grant) for grant in grants if (grant[1], grant[2], grant[4]) in VOID}
    checklist = Checklist((NAME.format(*grant) for grant in grants), void)
    roles = connected(database)
    async with connect(database.api_url, min_size=1, max_size=1) as kept:
        whole = await read_again(kept)
        for some in rounds(grants):
            for grant in some:
                may = permitted(roles, grant, grant[2] or first(roles, grant))
                assert may == (NAME.format(*grant) not in void), grant
            for grant in some:
                change(roles, "REVOKE {} {} ON {} FROM {}", grant)
            ours = some[0][3] == "superbill_api"
            missing = whole.missing_from(await read_again(kept)) if ours else []
            for grant in some:
                name = NAME.format(*grant)
                if name not in void:
                    checklist.held(name)
                    used = not ours or lost(grant, missing, whole) or unserved(grant, whole)
                    used = used or grant[1:3] in LOOKED_UP
                    if used and not permitted(roles, grant, grant[2] or first(roles, grant)):
                        checklist.failed(name)
                change(roles, "GRANT {} {} ON {} TO {}", grant)
        assert whole.missing_from(await read_again(kept)) == []
    for connection in roles.values():
        connection.close()
    checklist.close(f"grants of {request.node.callspec.id}", request)


def first(connections: dict[str, psycopg.Connection], grant: Grant) -> str:
    """Give a column that can be named in any statement: not a generated one."""
    schema, relation, *_ = grant
    named = sql.Identifier(schema, relation).as_string()
    query: LiteralString = (
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "ORDER BY attnum LIMIT 1"
    )
    found = connections["owner"].execute(query, [named]).fetchone()
    assert found
    return str(found[0])


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
    nothing = set()
    for table, index in indexes:
        gone = shapes(catalog, table) - shapes(without(catalog, table, index), table)
        print(f"{table}: {index}: {sorted(gone)}")
        if gone:
            checklist.held(f"{table}: {index}")
            checklist.failed(f"{table}: {index}")
        else:
            nothing.add(index)
    assert nothing == OFFERING_NOTHING & {index for _, index in indexes}
    checklist.close(f"indexes of {request.node.callspec.id}", request)
