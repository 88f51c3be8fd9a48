"""The operations that a schema offers, derived without the catalog from names and view texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import LiteralString
from urllib.parse import quote

import psycopg
import sqlglot
from sqlglot import exp

Offer = tuple[str, str, frozenset[str]]  # method, path, names that a body may hold

_VIEWS: LiteralString = (
    "SELECT relname, pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v'"
    " AND relnamespace = 'api'::regnamespace"
)
_GRANTS: LiteralString = (
    "SELECT table_schema, table_name, privilege_type, column_name"
    " FROM information_schema.column_privileges"
    " WHERE grantee = 'superbill_api' UNION"
    " SELECT table_schema, table_name, privilege_type, '' FROM information_schema.table_privileges"
    " WHERE grantee = 'superbill_api' AND privilege_type = 'DELETE'"
)
_KEYS: LiteralString = (
    "SELECT table_name, column_name FROM information_schema.table_constraints"
    " JOIN information_schema.key_column_usage USING (table_schema, table_name, constraint_name)"
    " WHERE constraint_type = 'PRIMARY KEY' ORDER BY table_name, ordinal_position"
)
_READ_ONLY: LiteralString = (
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE is_generated = 'ALWAYS' OR identity_generation = 'ALWAYS'"
)
_ASKING: LiteralString = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'api'::regnamespace"
    " AND obj_description(oid, 'pg_class') LIKE '%: required%'"
)
_NEEDED: LiteralString = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE is_nullable = 'NO'"
    " AND column_default IS NULL AND is_identity = 'NO'"
    " AND is_generated = 'NEVER'"
)
_NUMBERED: LiteralString = (
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE is_identity = 'YES' OR column_default LIKE 'nextval(%'"
)
_LINKS: LiteralString = (
    "SELECT c.relname AS child, f.relname AS parent,"
    " array(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k (n, p)"
    "  JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY p) AS columns,"
    " array(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS k (n, p)"
    "  JOIN pg_attribute ON attrelid = confrelid AND attnum = n ORDER BY p) AS keys"
    " FROM pg_constraint JOIN pg_class AS c ON c.oid = conrelid"
    " JOIN pg_class AS f ON f.oid = confrelid"
    " WHERE contype = 'f' ORDER BY conname"
)
_INDEXES: LiteralString = (
    "SELECT t.relname AS child, array("
    "  SELECT pg_get_indexdef(indexrelid, n, false) FROM generate_series(1, indnkeyatts) AS n)"
    " AS columns"
    " FROM pg_index JOIN pg_class AS t ON t.oid = indrelid JOIN pg_class AS i ON i.oid = indexrelid"
    " WHERE i.relam = (SELECT oid FROM pg_am WHERE amname = 'btree') AND indpred IS NULL"
)


@dataclass(frozen=True, slots=True)
class View:
    """A view of schema api over one table; `sources` are the table's columns behind the view's."""

    name: str
    table: str
    sources: Mapping[str, str]
    key: tuple[str, ...]
    grants: Mapping[str, frozenset[str]]

    @property
    def served(self) -> bool:
        """Whether a row of it can be read by its key."""
        return bool(self.key) and self.grants["SELECT"].issuperset(self.key)


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key that an index serves: the child's columns in the order of the parent's key.

    `named`: whether the table's columns are called like those of the key.
    """

    child: View
    parent: View
    columns: tuple[str, ...]
    named: bool


class Derivation:
    """The views of schema api, and what follows from them."""

    def __init__(self, url: str) -> None:
        """Ask as the owner, who sees all of information_schema."""
        with psycopg.connect(url) as connection:
            ask = connection.execute
            self._definitions = {str(name): str(definition) for name, definition in ask(_VIEWS)}
            self._granted = set(ask(_GRANTS).fetchall())
            self._keys = ask(_KEYS).fetchall()
            self._read_only = set(ask(_READ_ONLY).fetchall())
            self._asking = {str(name) for (name,) in ask(_ASKING)}
            self._needed = set(ask(_NEEDED).fetchall())
            self._numbered = set(ask(_NUMBERED).fetchall())
            links, indexes = ask(_LINKS).fetchall(), ask(_INDEXES).fetchall()
        self.views = [view for name in sorted(self._definitions) if (view := self._view(name))]
        leading = {
            (child, frozenset(map(_plain, columns[:n])))
            for child, columns in indexes
            for n in range(1, 5)
        }
        self.links = [
            link
            for child, parent, columns, keys in links
            if (child, frozenset(columns)) in leading
            for link in self._linked(child, parent, dict(zip(keys, columns, strict=True)))
        ]

    def offers(self) -> Iterator[Offer]:
        """Give every operation on the views."""
        for view in self.views:
            yield from self._collection(view, f"/{quote(view.name)}/", ())
            yield from self._by_filters(view, f"/{quote(view.name)}/")
            yield from self._item(view)
            yield from self._below(view, f"/{quote(view.name)}", (), ())

    def _view(self, name: str) -> View | None:
        path = [("api", name)]
        sources: dict[str, str] = {}
        while path[-1][0] == "api":
            below, shown = _single(self._definitions[path[-1][1]])
            if below is None:
                return None
            # A column of the view above that is computed here is nobody's.
            sources = (
                {up: shown[down] for up, down in sources.items() if down in shown}
                if sources
                else shown
            )
            path.append(below)
        table = path[-1][1]
        key = [column for of, column in self._keys if of == table]
        names = {source: shown for shown, source in sources.items()}
        grants = {
            privilege: frozenset(
                shown
                for shown in (*sources, "")
                if (shown or privilege == "DELETE")
                and self._may(path, privilege, shown, sources.get(shown, ""))
            )
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE")
        }
        return View(name, table, sources, tuple(names[k] for k in key if k in names), grants)

    def _may(self, path: list[tuple[str, str]], privilege: str, shown: str, source: str) -> bool:
        """Tell whether view and table grant it; views between them have the same grants here."""
        return all(
            (*path[n], privilege, name) in self._granted for n, name in ((0, shown), (-1, source))
        )

    def _linked(self, child: str, parent: str, columns: Mapping[str, str]) -> Iterator[Link]:
        named = all(
            column in ({f"{parent}_{key}", key} if len(columns) > 1 else {f"{parent}_{key}"})
            for key, column in columns.items()
        )
        for above in self.views:
            for view in self.views if above.table == parent and above.served else ():
                names = {source: shown for shown, source in view.sources.items()}
                wanted = [columns[above.sources[name]] for name in above.key]
                if view.table == child and names.keys() >= set(wanted):
                    yield Link(view, above, tuple(names[name] for name in wanted), named)

    def _collection(self, view: View, path: str, given: tuple[str, ...]) -> Iterator[Offer]:
        if view.served:
            yield "GET", path, frozenset()
        if view.grants["INSERT"] and view.grants["INSERT"].issuperset(given):
            yield "POST", path, self._writable(view, "INSERT") - frozenset(given)

    def _by_filters(self, view: View, path: str) -> Iterator[Offer]:
        if view.served and view.name not in self._asking:
            if view.grants["UPDATE"]:
                yield "PATCH", path, self._writable(view, "UPDATE")
            if view.grants["DELETE"]:
                yield "DELETE", path, frozenset()

    def _item(self, view: View) -> Iterator[Offer]:
        if view.served:
            path = f"/{quote(view.name)}/{_parameters(view, ())}"
            yield "GET", path, frozenset()
            if view.grants["UPDATE"]:
                yield "PATCH", path, self._writable(view, "UPDATE")
            if self._replaces(view):
                yield "PUT", path, self._replaced(view) | {*view.key}
            if view.grants["DELETE"]:
                yield "DELETE", path, frozenset()

    def _below(
        self, parent: View, path: str, taken: tuple[str, ...], passed: tuple[str, ...]
    ) -> Iterator[Offer]:
        for link in self.links:
            child = link.child
            itself = child.table == parent.table and not passed
            if link.parent is not parent or (child.table in (*passed, parent.table) and not itself):
                continue
            segment = quote(child.name if link.named else ".".join((child.name, *link.columns)))
            further = f"{path}/{_parameters(parent, taken)}/{segment}"
            yield from self._collection(child, f"{further}/", link.columns)
            if not itself and not passed and child.served:
                names = (*taken, *_parameters(parent, taken).strip("{}").split("},{"))
                yield from self._below(child, further, names, (parent.table,))

    def _replaces(self, view: View) -> bool:
        """Tell whether a client can choose the key, and give a new row all that it needs."""
        columns = {name: (view.table, source) for name, source in view.sources.items()}
        chosen = self._writable(view, "INSERT").issuperset(view.key) and not any(
            columns[name] in self._numbered for name in view.key
        )
        needed = {name for name, column in columns.items() if column in self._needed}
        return (
            chosen and bool(self._replaced(view)) and self._replaced(view) >= needed - {*view.key}
        )

    def _replaced(self, view: View) -> frozenset[str]:
        both = self._writable(view, "INSERT") & self._writable(view, "UPDATE")
        return both - {*view.key}

    def _writable(self, view: View, privilege: str) -> frozenset[str]:
        return frozenset(
            name
            for name in view.grants[privilege]
            if (view.table, view.sources[name]) not in self._read_only
        )


def _plain(name: str) -> str:
    return name.strip('"').replace('""', '"') if name.startswith('"') else name


def _parameters(view: View, taken: tuple[str, ...]) -> str:
    names = (f"{view.table}_{name}" if name == "id" or name in taken else name for name in view.key)
    return ",".join(f"{{{name.replace(' ', '-20-')}}}" for name in names)


def _single(definition: str) -> tuple[tuple[str, str] | None, dict[str, str]]:
    """Read the one relation of a view's definition, and its columns by their names in the view."""
    tree = sqlglot.parse_one(definition, read="postgres")
    table = tree.args["from_"].this
    if not isinstance(table, exp.Table) or tree.args.get("joins"):
        return None, {}
    shown = {
        part.alias_or_name: part.unalias().name
        for part in tree.expressions
        if isinstance(part.unalias(), exp.Column)
    }
    return (table.db, table.name), shown
