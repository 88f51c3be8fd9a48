"""What the schema says, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PRIVILEGES = ("select", "insert", "update")


@dataclass(frozen=True, slots=True)
class Type:
    """A Postgres type. `part` is a domain's base, an array's element, a range's bound; `modifier` as in `atttypmod`."""

    name: str
    sql: str
    # As pg_type.typtype has it (base, composite, domain, enum, range, multirange, pseudo); `a` is
    # an array.
    kind: str
    modifier: int = -1
    comment: str | None = None
    not_null: bool = False
    items_not_null: bool = False  # an array's
    part: "Type | None" = None
    labels: tuple[str, ...] = ()
    fields: tuple["Column", ...] = ()
    checks: tuple["Constraint", ...] = ()

    @property
    def base(self) -> "Type":
        """The type itself, out of its domains."""
        return self.part.base if self.kind == "d" and self.part else self


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A relation's column with what its base column says of it, and the role's effective privileges."""

    name: str
    type: Type
    nullable: bool = True
    comment: str | None = None
    default: str | None = None  # an SQL expression
    read_only: bool = False  # generated, or an identity that is always generated
    source: str | None = None  # the base column's name
    privileges: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table (or a domain); `columns` are the table's; `references` a foreign key's table."""

    name: str
    kind: str  # as in pg_constraint.contype
    table: tuple[str, str] = ("", "")
    columns: tuple[str, ...] = ()
    expression: str | None = None
    comment: str | None = None
    references: tuple[str, str] = ("", "")
    referenced: tuple[str, ...] = ()
    period: bool = False


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A column of an index, by its name in the relation.

    None for an expression, for a column that is not there, and for one in a collation that only its
    schema knows.
    """

    name: str | None
    operators: str  # operator class
    collation: str | None = None  # where it is not the column's own: one of pg_catalog's
    c_collated: bool = False
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """A complete (not partial) index of a relation's base table."""

    name: str
    method: str
    unique: bool
    columns: tuple[IndexColumn, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """An endpoint: a view with what its base table says. Names in `key` and `indexes` are the view's."""

    schema: str
    name: str
    comment: str | None
    columns: tuple[Column, ...]
    table: tuple[str, str] | None = None  # the one relation in FROM, followed down to a table
    key: tuple[str, ...] = ()
    deletable: bool = False
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    unreadable: tuple[
        str, ...
    ] = ()  # what the view names and the role may not read: so it can read no row of it

    @property
    def noun(self) -> str:
        """One row of it in words: the base table's name."""
        return in_words(self.table[1] if self.table else self.name)

    def column(self, name: str) -> Column:
        """Give the column of that name."""
        return next(column for column in self.columns if column.name == name)

    def allowed(self, privilege: str) -> tuple[Column, ...]:
        """Give the columns on which the role has `select`, `insert` or `update`."""
        return tuple(column for column in self.columns if privilege in column.privileges)

    def showing(self, sources: Iterable[str]) -> tuple[str, ...] | None:
        """Give the view's names of base columns, or None where one is missing."""
        names = {column.source: column.name for column in reversed(self.columns)}
        found = tuple(names.get(source) for source in sources)
        return None if None in found else tuple(name for name in found if name is not None)

    @property
    def addressable(self) -> bool:
        """Whether it has a key that the role can read."""
        return bool(self.key) and {column.name for column in self.allowed("select")}.issuperset(
            self.key
        )

    @property
    def writable(self) -> bool:
        """Whether the role can change anything through it."""
        return self.deletable or bool(self.allowed("insert") or self.allowed("update"))


def in_words(name: str) -> str:
    """Write a name as words."""
    return name.replace("_", " ")


def with_article(noun: str) -> str:
    """Put the indefinite article before a noun."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that the schema offers to the role that asked."""

    faults: tuple[str, ...]  # why this login must not serve
    comments: Mapping[str, str | None]  # of the schemas
    relations: tuple[Relation, ...]  # schema `api`
    reports: tuple[Relation, ...]  # schema `reporting`
    constraints: Mapping[tuple[str, str, str], Constraint]  # by schema, table, name

    def missing_from(self, other: "Catalog") -> list[str]:
        """List what this catalog offers and the other one does not; additions are no loss."""
        return sorted(_offers(self) - _offers(other))


def _offers(catalog: Catalog) -> set[str]:
    offers = set()
    for relation in (*catalog.relations, *catalog.reports):
        name = f"{relation.schema}.{relation.name}"
        offers.add(f"{name} by {', '.join(relation.key)}")
        offers.update(
            f"{name}.{c.name} {c.type.sql} {privilege}"
            for c in relation.columns
            for privilege in c.privileges
        )
        offers.update({f"{name} delete"} if relation.deletable else ())
    return offers
