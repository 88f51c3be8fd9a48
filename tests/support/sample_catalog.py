"""A catalog without a database: one relation with a composite key and columns of most kinds."""

from typing import Any

import pytest

from api.catalog.relations import Catalog, Column, Constraint, Index, IndexColumn, Relation, Type
from api.document import openapi
from api.operations import discovery
from api.problem import Problem, ProblemError

DIGITS = "9" * 5000
TEXT, INTEGER, DOUBLE = (
    Type("text", "text", "b"),
    Type("int4", "integer", "b"),
    Type("float8", "double precision", "b"),
)


def column(name: str, type_: Type, *privileges: str, nullable: bool = True) -> Column:
    return Column(name, type_, nullable, source=name, privileges=frozenset(("select", *privileges)))


def index(name: str, *columns: str, method: str = "btree", operators: str = "text_ops") -> Index:
    return Index(
        name,
        method,
        name == "pkey",
        tuple(IndexColumn(c, operators, None, c_collated=True) for c in columns),
    )


THINGS = Relation(
    "api",
    "things",
    None,
    (
        column("shelf", TEXT, "insert", nullable=False),
        column("place", INTEGER, "insert", nullable=False),
        column("note", TEXT, "insert"),
        column("weight", DOUBLE, "insert"),
        column("size", Type("float4", "real", "b"), "insert"),
        column("tags", Type("_text", "text[]", "a", part=TEXT), "insert"),
        column("more", Type("jsonb", "jsonb", "b"), "insert"),
        column("ready", Type("bool", "boolean", "b"), "insert"),
    ),
    table=("stock", "thing"),
    key=("shelf", "place"),
    constraints=(
        Constraint(
            "two", "c", ("stock", "thing"), ("place",), "(place >= 2)", "A place is 2 or more."
        ),
        Constraint(
            "few", "c", ("stock", "thing"), ("place",), "(place <= 9)", "A place is 9 or less."
        ),
    ),
    indexes=(
        index("pkey", "shelf", "place"),
        index("found", "note", method="gin", operators="gin_trgm_ops"),
    ),
)
CATALOG = Catalog((), {}, (THINGS,), (), {})
OPERATIONS = {operation.kind.name: operation for operation in discovery.build(CATALOG)}
DOCUMENT = openapi.build(CATALOG, list(OPERATIONS.values()))


def problem_of(call: Any, *arguments: Any) -> Problem:
    """Give the problem that a call ends with."""
    with pytest.raises(ProblemError) as caught:
        call(*arguments)
    return caught.value.problem
