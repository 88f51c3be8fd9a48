"""Random schemas, built by random additions: each one is SQL that only adds to what is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

API = "superbill_api"
START = """
CREATE SCHEMA stock; CREATE SCHEMA api; CREATE SCHEMA reporting;
GRANT USAGE ON SCHEMA stock, api, reporting TO superbill_api;
"""
TYPES = ("integer", "text", "uuid", "date", 'text COLLATE "C"')
# Names that come close to other names, to the document's own, or to the characters of a path.
TABLES = ("patient", "visit", "plan", "a", "b", "patient.visit", "we/{ird}", "node~")
VIEWS = ("problem", "service", "many", "visits", "patients.visits", "a_parents.a_children", "Ä b")
COLUMNS = ("name", "due", "no", "patient", "plan_no", "visits.no", "limit", "date.gte", "x,y")
KEYS = ("id", "no", "code", "patient_id", "tree", "plan_no")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass
class View:
    """A view of a table with its columns, in order, and those that a body may hold."""

    name: str
    columns: list[str]
    condition: str
    insertable: bool = False


@dataclass
class Table:
    """A table: the columns with their types, and those that a row must have."""

    name: str
    key: list[str]
    columns: dict[str, str]
    required: set[str]
    views: list[View] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """Its name in SQL."""
        return f"stock.{quoted(self.name)}"


def listed(names: list[str]) -> str:
    return ", ".join(map(quoted, names))


class Schema:
    """A schema that grows; the same seed makes the same additions."""

    def __init__(self, seed: int) -> None:
        """Begin without a table."""
        self._random = Random(seed)
        self._tables: list[Table] = []
        self._number = 0

    def additions(self, count: int) -> Iterator[str]:
        """Yield SQL, each of which only adds; the first three make tables with views."""
        kinds: list[tuple[int, Callable[[], str]]] = [
            (3, self._table), (4, self._view), (3, self._column), (6, self._foreign_key),
            (6, self._index), (4, self._grant), (2, self._comment), (1, self._report),
        ]  # fmt: skip
        for _ in range(3):
            yield self._table()
        weights, makers = [weight for weight, _ in kinds], [make for _, make in kinds]
        for _ in range(count):
            yield self._random.choices(makers, weights)[0]()

    def _new(self, kind: str) -> str:
        self._number += 1
        return f"{kind}{self._number}"

    def _unused(self, names: tuple[str, ...], used: set[str], kind: str) -> str:
        free = [name for name in names if name not in used]
        return (
            self._random.choice(free) if free and self._random.random() < 0.8 else self._new(kind)
        )

    def _some(self, names: list[str], least: int = 1, most: int = 3) -> list[str]:
        count = self._random.randint(min(least, len(names)), min(most, len(names)))
        return self._random.sample(names, count)

    def _table(self) -> str:
        name = self._unused(TABLES, {table.name for table in self._tables}, "table")
        key = self._random.sample(KEYS, self._random.choice((1, 1, 1, 2, 2, 3)))
        columns = {each: self._random.choice(TYPES) for each in key}
        columns |= {each: self._random.choice(TYPES) for each in self._some([*COLUMNS], 0, 4)}
        required = {each for each in columns if each in key or self._random.random() < 0.5}
        self._tables.append(made := Table(name, key, columns, required))
        parts = [
            f"{quoted(each)} {type_}{' NOT NULL' if each in required else ''}"
            for each, type_ in columns.items()
        ]
        create = f"CREATE TABLE {made.sql} ({', '.join(parts)}, PRIMARY KEY ({listed(key)}));"
        grant = f"GRANT SELECT ON {made.sql} TO {API};"
        return f"{create}\n{grant}\n{self._view_of(made, f'{name}s')}"

    def _view(self) -> str:
        used = {view.name for table in self._tables for view in table.views}
        return self._view_of(self._random.choice(self._tables), self._unused(VIEWS, used, "view"))

    def _view_of(self, table: Table, name: str) -> str:
        if any(view.name == name for each in self._tables for view in each.views):
            name = self._new("view")
        shown = [
            each
            for each in table.columns
            if self._random.random() < (0.95 if each in table.key else 0.8)
        ] or [*table.key]
        first = quoted(table.key[0])
        condition = f" WHERE {first} IS NOT NULL" if self._random.random() < 0.3 else ""
        table.views.append(made := View(name, shown, condition))
        return f"{definition(table, made)}\nGRANT SELECT ON api.{quoted(name)} TO {API};"

    def _column(self) -> str:
        table = self._random.choice(self._tables)
        name = self._unused(COLUMNS, {*table.columns}, "column")
        statement = self._added(table, name, self._random.choice(TYPES))
        return f"{statement}\n{self._shown(table, [name])}"

    def _added(self, table: Table, name: str, type_: str) -> str:
        table.columns[name] = type_
        return f"ALTER TABLE {table.sql} ADD COLUMN {quoted(name)} {type_};"

    def _shown(self, table: Table, names: list[str]) -> str:
        """Show columns in some of the table's views, at their end."""
        statements = []
        for view in table.views:
            if self._random.random() < 0.8:
                view.columns += [name for name in names if name not in view.columns]
                statements.append(definition(table, view))
        return "\n".join(statements)

    def _foreign_key(self) -> str:
        child, parent = self._random.choice(self._tables), self._random.choice(self._tables)
        statements, columns = [], []
        for key in parent.key:
            names = (f"{parent.name}_{key}", key, self._new("to"))
            name = self._random.choices(names, (5, 2 if len(parent.key) > 1 else 0, 3))[0]
            type_ = parent.columns[key]
            if child.columns.get(name, type_) != type_ or name in columns:
                name = self._new("to")
            if name not in child.columns:
                statements.append(self._added(child, name, type_))
            columns.append(name)
        statements.append(self._shown(child, columns))
        refers = f"({listed(columns)}) REFERENCES {parent.sql} ({listed(parent.key)}) NOT VALID;"
        statements += [
            f"ALTER TABLE {child.sql} ADD CONSTRAINT {self._new('link')} FOREIGN KEY {refers}"
            for _ in range(self._random.choice((1, 1, 1, 2)))
        ]
        if self._random.random() < 0.7:
            statements.append(self._indexed(child, columns))
        return "\n".join(statements)

    def _index(self) -> str:
        table = self._random.choice(self._tables)
        columns = self._some([*table.columns])
        if self._random.random() < 0.7:
            columns += [name for name in table.key if name not in columns]
        return self._indexed(table, columns)

    def _indexed(self, table: Table, columns: list[str]) -> str:
        """Make an index; a unique one only over the key, where it refuses nothing."""
        unique = {*table.key} <= {*columns} and self._random.random() < 0.3
        order = self._random.choice(("", "", "", " DESC"))
        parts = [quoted(name) + order for name in columns]
        if table.columns[columns[0]] == "text":
            parts[0] = quoted(columns[0]) + self._random.choice(
                (order, order, " text_pattern_ops" + order, ' COLLATE "C"' + order)
            )
        where = f" WHERE {quoted(columns[0])} IS NOT NULL" if self._random.random() < 0.1 else ""
        name = f"{self._random.choice('abcxyz')}_{self._new('index')}"
        kind = "UNIQUE INDEX" if unique else "INDEX"
        return f"CREATE {kind} {name} ON {table.sql} ({', '.join(parts)}){where};"

    def _grant(self) -> str:
        table = self._random.choice(self._tables)
        view = self._random.choice(table.views)
        both = f"{table.sql}, api.{quoted(view.name)} TO {API};"
        columns = self._some(view.columns, 1, len(view.columns))
        match self._random.choice(("INSERT", "INSERT", "UPDATE", "DELETE")):
            case "INSERT":
                if not {*view.columns} >= table.required:
                    return f"GRANT DELETE ON {both}"
                # A body that lacks what a row must have could never succeed.
                wanted = [] if view.insertable else sorted(table.required)
                view.insertable = True
                return f"GRANT INSERT ({listed(sorted({*columns, *wanted}))}) ON {both}"
            case "UPDATE":
                return f"GRANT UPDATE ({listed(columns)}) ON {both}"
            case _:
                return f"GRANT DELETE ON {both}"

    def _comment(self) -> str:
        table = self._random.choice(self._tables)
        view = self._random.choice(table.views)
        name = quoted(self._random.choice(view.columns))
        return self._random.choice(
            (
                "COMMENT ON SCHEMA api IS 'Stock\nAll of it.';",
                f"COMMENT ON VIEW api.{quoted(view.name)} IS 'Some of it.';",
                f"COMMENT ON TABLE {table.sql} IS 'All of it.';",
                f"COMMENT ON COLUMN {table.sql}.{name} IS 'Something.';",
                f"COMMENT ON COLUMN api.{quoted(view.name)}.{name} IS 'Something else.';",
            )
        )

    def _report(self) -> str:
        table, name = self._random.choice(self._tables), quoted(self._new("a.report "))
        return (
            f"CREATE VIEW reporting.{name} WITH (security_invoker = true) AS "
            f"SELECT count(*) AS rows FROM {table.sql};\nGRANT SELECT ON reporting.{name} TO {API};"
        )


def definition(table: Table, view: View) -> str:
    """Write the view; where it exists, this adds the columns at its end."""
    columns = ", ".join(f"t.{quoted(name)}" for name in view.columns)
    return (
        f"CREATE OR REPLACE VIEW api.{quoted(view.name)} WITH (security_invoker = true) AS "
        f"SELECT {columns} FROM {table.sql} AS t{view.condition};"
    )
