"""Relations without a database: columns and indexes by name."""

from api.catalog.relations import Column, Index, IndexColumn, Relation, Type

INTEGER = Type("int4", "integer", "b")
ALL = frozenset({"select", "insert", "update"})


def column(name: str, *, privileges: frozenset[str] = ALL, nullable: bool = False) -> Column:
    return Column(name, INTEGER, nullable=nullable, source=name, privileges=privileges)


def index(*names: str, method: str = "btree", unique: bool = False) -> Index:
    return Index(
        "_".join(names), method, unique, tuple(IndexColumn(name, "int4_ops") for name in names)
    )


def relation(
    name: str, *columns: Column, table: str = "", key: tuple[str, ...] = ("id",), **more: object
) -> Relation:
    made = {"indexes": (index(*key, unique=True),), **more}
    return Relation("api", name, None, columns, ("s", table or name), key, **made)  # type: ignore[arg-type]  # by name
