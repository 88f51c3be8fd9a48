"""Relations, their columns, types, constraints and indexes, as values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from api.catalog.obstacles import Obstacle
from api.catalog.triggers import Trigger
from api.catalog.view_lines import ViewLines

PRIVILEGES = ("select", "insert", "update")
_SIGNS = ("<", "<=", "=", ">=", ">")  # by the number of a btree's strategy


@dataclass(frozen=True, slots=True)
class Type:
    """A Postgres type.

    `kind`: as in `pg_type.typtype` (`b` base, `c` composite, `d` domain, `e` enum, `r` range, `m`
    multirange, `p` pseudo), or `a` for an array; `modifier`: as in `pg_attribute.atttypmod`;
    `part`: the base of a domain, the element of an array, the bound of a range or multirange;
    `cast_to_json`: whether JSON does not write a value as its text; `operators`: the names in SQL
    of `< <= = >= >`, if they are not those of pg_catalog.
    """

    name: str
    sql: str
    kind: str
    modifier: int = -1
    quantity: bool = False  # the domain `api.number`
    comment: str | None = None
    not_null: bool = False
    items_not_null: bool = False  # of an array: its items are never null
    hidden_in: str | None = None  # its schema, if the role may not use that
    deterministic: bool = True  # equal values have the same text, as far as the collation decides
    part: "Type | None" = None
    labels: tuple[str, ...] = ()
    fields: tuple["Column", ...] = ()
    checks: tuple["Constraint", ...] = ()
    cast_to_json: bool = False
    operators: tuple[str, ...] = ()

    def operator(self, sign: str) -> str:
        """Write the operator by which a btree compares values: `sign` is one of `< <= = >= >`."""
        operators = self.base.operators
        return operators[_SIGNS.index(sign)] if operators else sign

    @property
    def compound(self) -> bool:
        """Whether JSON writes a value as an array, an object or any other JSON."""
        return self.base.kind in "ac" or self.base.name in ("json", "jsonb")

    @property
    def base(self) -> "Type":
        """The type itself, without the domains over it."""
        return self.part.base if self.kind == "d" and self.part else self

    @property
    def is_quantity(self) -> bool:
        """Whether its values are numbers in JSON: it is `api.number`, or a domain over it."""
        over = self.part if self.kind == "d" else None
        return self.quantity or (over is not None and over.is_quantity)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A relation's column, with what its base column has, and the role's effective privileges."""

    name: str
    type: Type
    nullable: bool = True
    comment: str | None = None
    default: str | None = None  # an SQL expression
    read_only: bool = False  # generated, or an identity that is always generated
    source: str | None = None  # the base column's name
    privileges: frozenset[str] = frozenset()
    usable: bool = True  # whether a statement may name its type
    # Its NOT NULL is NOT VALID: rows from before may hold null, new ones may not.
    refuses_null: bool = False
    not_null_comment: str | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table or a domain.

    `kind`: as in `pg_constraint.contype`; `columns`: names in the table; `written`: the same, with
    what a generated column is made of in its place; `items`: arrays of `written` of which only one
    item is meant, with its number from 0; `references` and `referenced`: the table (schema, name)
    and the columns that a foreign key refers to; `elements`: what no two rows may have in common,
    each a column or an expression, with the operator; `validated`: whether all rows were checked.
    """

    name: str
    kind: str
    table: tuple[str, str] = ("", "")
    columns: tuple[str, ...] = ()
    expression: str | None = None
    comment: str | None = None
    references: tuple[str, str] = ("", "")
    referenced: tuple[str, ...] = ()
    period: bool = False
    elements: tuple[tuple[str, str], ...] = ()
    written: tuple[str, ...] = ()
    items: tuple[tuple[str, int], ...] = ()
    enforced: bool = True
    validated: bool = True


@dataclass(frozen=True, slots=True)
class Search:
    """A column that an index finds by the beginning of what a function makes of it.

    `function`: its name in SQL; `name`: without the schema; `comment`: the function's; `stored`:
    the view's column that holds what the function returns, if there is one.
    """

    column: str
    function: str
    name: str
    comment: str | None = None
    stored: str | None = None


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """A column of an index, by its name in the relation.

    `name` is None for an expression, for a column that the relation does not show, for one in a
    collation that is neither the column's own nor of pg_catalog, and for one whose operators are
    neither its type's default nor pg_catalog's for patterns.
    """

    name: str | None
    operators: str  # the operator class
    collation: str | None = None  # of pg_catalog, where it is not the column's own
    c_collated: bool = False
    descending: bool = False
    nulls_first: bool = False
    hidden: str = ""  # where there is no name: what it is
    finds_equal: bool = False  # a GiST index finds equal values by it
    search: Search | None = None  # what an expression is, under the C collation


@dataclass(frozen=True, slots=True)
class Index:
    """A complete (not partial) index of a relation's base table."""

    name: str
    method: str
    unique: bool
    columns: tuple[IndexColumn, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A view of schema `api` or `reporting`, with what its base table has.

    Names in `key` and `indexes` are names in the view; those in `constraints` are the table's.
    """

    schema: str
    name: str
    comment: str | None
    columns: tuple[Column, ...]
    table: tuple[str, str] | None = None  # schema and name of the base table, if there is one
    key: tuple[str, ...] = ()
    deletable: bool = False
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    given: tuple[str, ...] = ()  # the table's columns that its policies give
    # Relations and columns that the view reads and the role may not; then it cannot read the view.
    unreadable: tuple[str, ...] = ()
    filterable: frozenset[str] = frozenset()  # columns of a report that an index of a table finds
    # Schema and name of each that a write to the view concerns: itself, what it shows, partitions.
    tables: frozenset[tuple[str, str]] = frozenset()
    triggers: tuple[Trigger, ...] = ()  # those of `tables`
    # The row triggers that run before an insert, an update or a delete, or instead of it.
    row_triggers: Mapping[str, tuple[Trigger, ...]] = field(default_factory=dict)
    has_rules: bool = False  # whether rules rewrite writes to any of `tables`
    # Columns of the tables that the view's own WHERE, and those of the views under it, read.
    condition: tuple[str, ...] = ()
    partial_indexes: tuple[Index, ...] = ()  # of some rows only; they serve nothing
    # The columns of type `api.search`, which no request names and no answer shows: base columns'
    # names → the view's, as far as the role may read them.
    search_columns: Mapping[str, str] = field(default_factory=dict)
    # Parts of its query for which its rows are not those of one relation, or are sorted.
    clauses: tuple[str, ...] = ()
    # The roles to which each privilege (in capitals) is granted, as far as they are this role's.
    grantees: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keyless: Obstacle | None = None  # why a materialized view has no key
    refusals: tuple[Obstacle, ...] = ()  # why nothing of it is served
    obstacles: tuple[Obstacle, ...] = ()  # why parts of it are not served
    lines: ViewLines = field(default_factory=ViewLines)  # of its comment
    has_history: bool = False  # whether a row can be given as it was

    @property
    def noun(self) -> str:
        """What one row is called: the name of the base table, in words."""
        return in_words(self.table[1] if self.table else self.name)

    def column(self, name: str) -> Column:
        """Return the column of this name; raises StopIteration where there is none."""
        return next(column for column in self.columns if column.name == name)

    def sources(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the base columns' names of these columns; an empty text for a computed one."""
        return tuple(self.column(name).source or "" for name in names)

    def allowed(self, privilege: str) -> tuple[Column, ...]:
        """Return the columns on which the role has `select`, `insert` or `update`."""
        return tuple(column for column in self.columns if privilege in column.privileges)

    def showing(self, sources: Iterable[str]) -> tuple[str, ...] | None:
        """Return the view's names of base columns; None if the view lacks one of them."""
        names = {column.source: column.name for column in reversed(self.columns)}
        found = tuple(names.get(source) for source in sources)
        return None if None in found else tuple(name for name in found if name is not None)

    def filled(self, event: str) -> frozenset[str]:
        """Return the columns that a trigger may fill or change before Postgres judges a row.

        `event`: `insert` or `update`. They are all columns where a trigger's comment lists none.
        """
        found = self.row_triggers.get(event, ())
        if any(trigger.fills is None for trigger in found):
            return frozenset(column.name for column in self.columns)
        listed = {name for trigger in found for name in trigger.fills or ()}
        return frozenset(c.name for c in self.columns if (c.source or c.name) in listed)

    @property
    def answers_by_trigger(self) -> bool:
        """Whether the row in the answer to a write is what an INSTEAD OF trigger returned."""
        found = (t for event in ("insert", "update") for t in self.row_triggers.get(event, ()))
        return any(trigger.timing == "instead" for trigger in found)

    @property
    def addressable(self) -> bool:
        """Whether it has a key that the role may read."""
        usable = {column.name for column in self.allowed("select") if column.usable}
        return bool(self.key) and usable.issuperset(self.key)

    @property
    def writable(self) -> bool:
        """Whether the role may insert, update or delete through it."""
        return self.deletable or bool(self.allowed("insert") or self.allowed("update"))


def in_words(name: str) -> str:
    """Write a name of the database as words."""
    return name.replace("_", " ")


def listed(names: Sequence[str], word: str = "and") -> str:
    """Write names as an English list: `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def with_article(noun: str) -> str:
    """Put the indefinite article before a noun."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that the schema offers to the role that introspection ran as."""

    faults: tuple[str, ...]  # reasons for which the server must not run with this login
    comments: Mapping[str, str | None]  # of the schemas
    relations: tuple[Relation, ...]  # schema `api`
    reports: tuple[Relation, ...]  # schema `reporting`
    # By schema, table, name. The name is empty for the rule that a partition has a row's values.
    constraints: Mapping[tuple[str, str, str], Constraint]
    triggers: tuple[Trigger, ...] = ()  # of the whole database
    role: str = ""  # whose privileges these are
    keeps_answers: bool = False  # whether the role may keep the answers to writes
    version: str = ""  # of the schema, as version.sql names it; empty if it is not known
    others: tuple[tuple[str, str], ...] = ()  # what else is in these schemas: its kind and name
    records_reads: bool = False  # whether the database keeps a record of reads
    tells_actors: bool = False  # whether the database tells callers of one statement apart

    def missing_from(self, other: "Catalog") -> list[str]:
        """List what this catalog offers and the other one does not."""
        return sorted(offers(self) - offers(other))


def offers(catalog: Catalog) -> set[str]:
    """List what a catalog offers: keys, privileges on columns, the rights to delete and search."""
    found = set()
    for relation in (*catalog.relations, *catalog.reports):
        name = f"{relation.schema}.{relation.name}"
        found.add(f"{name} by {', '.join(relation.key)}")
        found.update(
            f"{name}.{c.name} {c.type.sql} {privilege}"
            for c in relation.columns
            for privilege in c.privileges
        )
        found.update({f"{name} delete"} if relation.deletable else ())
        found.update(f"{name}.{one} search select" for one in relation.search_columns.values())
    return found
