"""The pages of one role: rows and refused requests as HTML."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote

from api.catalog.relations import in_words
from api.document.parameters import AS_OF
from api.operations import index_access, kinds
from api.operations.operation import Operation
from api.pages import charts, forms, places, tables, turns
from api.pages.columns import heading
from api.pages.markup import Markup
from api.pages.subjects import MOST_ROWS, Subject, Subjects
from api.pages.tables import Row, Table
from api.pages.turns import Turn, Turns
from api.pages.view import View
from api.problem import KINDS, Problem
from api.representations import offers
from api.representations.representation import PAGE, Offers
from api.sql.clauses import Shape
from api.sql.lists import MOST_ROWS as MOST_OF_REPORT

_STEPS = ("after", "limit", "format")  # parameters that say which part of the rows is meant
_MARKED = "What is marked does not fit."
_KEPT = 512  # of each operation, for each prefix


class Site:
    """The pages of one role."""

    def __init__(
        self, operations: Iterable[Operation], markup: Markup, turns_: Turns, offered: Offers
    ) -> None:
        """Take what they are made of; `offered`: other forms than pages, which they lead to."""
        self.markup = markup
        self._operations, self._turns, self._offers = operations, turns_, offered
        self._table = lru_cache(_KEPT)(self._make_table)
        self._orders = lru_cache(_KEPT)(_orders)
        self._empty_form = lru_cache(_KEPT)(self._make_empty_form)

    @cached_property
    def _subjects(self) -> Subjects:
        return Subjects(self._operations)

    def subject(self, operation: Operation) -> Subject:
        """Return what the pages of an operation show."""
        return self._subjects.of(operation)

    def _make_table(self, operation: Operation, prefix: str) -> tuple[Table, str]:
        """Return how rows are written, and what explains their columns."""
        subject = self.subject(operation)
        made = tables.table(operation, subject.references, subject.item, prefix)
        return made, self.markup.part("explained", made.columns)

    def _make_empty_form(self, operation: Operation, place: str) -> str:
        groups = self.subject(operation).groups
        return self.markup.part("form", groups, place, "", ()) if groups else ""

    def _form(self, operation: Operation, view: View, problem: Problem | None) -> str:
        if not view.query and not problem and not operation.parents:
            return self._empty_form(operation, view.place)
        faults = {fault.pointer[1:]: fault.detail for fault in problem.errors} if problem else {}
        groups = forms.filled(self.subject(operation).groups, view.given, faults)
        names = {field.name for group in groups for field in group.fields}
        others = [f"{name}: {text}" for name, text in faults.items() if name not in names]
        said = [problem.detail if not problem.errors else _MARKED, *others] if problem else []
        return self.markup.part("form", groups, view.place, view.query, said)

    def _formats(self, operation: Operation, view: View) -> Sequence[tuple[str, str, str]]:
        """Return the other forms of an answer: what each is called, its media type and path."""
        found = offers.formats(operation, self._offers.get(operation, ()))
        return [
            (name.upper(), media, view.but(*_STEPS, format=name))
            for name, media in found.items()
            if name != PAGE.form.name
        ]

    async def list(
        self, operation: Operation, view: View, shape: Shape, rows: str | None, following: str
    ) -> bytes:
        """Make a page of a list; `rows`: as `sql.page_rows` returns them; `following`: the next."""
        table, _ = self._table(operation, view.prefix)
        async with self._turns.taken() as turn:
            texts = tables.parsed(rows)
            found, body = await turns.written(texts[:-1] if following else texts, table.body, turn)
            heads = _heads(self._orders(operation, shape.filters), shape, view)
            first = view.but("after") if "after" in view.given else ""
            return self._rows(
                operation, view, body, len(found), orders=heads, first=first, next=following
            )

    async def report(self, operation: Operation, view: View, rows: str | None) -> bytes:
        """Make the page of a report."""
        table, _ = self._table(operation, view.prefix)
        async with self._turns.taken() as turn:
            texts = tables.parsed(rows)
            found, body = await turns.written(texts[:MOST_OF_REPORT], table.body, turn)
            cut = len(texts) > MOST_OF_REPORT
            drawn = charts.charts(table.columns, [row[0] for row in found], cut=cut)
            return self._rows(operation, view, body, len(found), charts=drawn, cut=cut)

    def refused(self, operation: Operation, view: View, problem: Problem, instance: str) -> bytes:
        """Make the page of a list or report whose query string is refused; it keeps the form."""
        title = KINDS[problem.kind][1]
        return self._rows(operation, view, "", 0, problem=problem, title=title, instance=instance)

    def _rows(
        self,
        operation: Operation,
        view: View,
        body: str,
        number: int,
        problem: Problem | None = None,
        **values: Any,
    ) -> bytes:
        subject = self.subject(operation)
        table, explained = self._table(operation, view.prefix)
        given = {
            "orders": {}, "charts": (), "cut": False, "first": "", "next": "", "instance": "",
            "title": subject.heading,
        } | values  # fmt: skip
        return self.markup.render(
            "rows.html",
            prefix=view.prefix,
            query=view.query,
            crumbs=places.crumbs(operation, view.path, view.prefix),
            heading=subject.heading,
            about=subject.about,
            form=self._form(operation, view, problem),
            columns=table.columns,
            explained=explained,
            body=body,
            number=number,
            problem=problem,
            formats=self._formats(operation, view),
            all_rows=view.but(*_STEPS, format="csv"),
            **given,
        )

    async def item(
        self, operation: Operation, view: View, row: Row, parts: Sequence[str | None]
    ) -> bytes:
        """Make the page of an item; `parts`: the rows of each collection; none of a former row."""
        subject = self.subject(operation)
        async with self._turns.taken() as turn:
            shown = [
                await self._part(part.operation, rows, view, turn)
                for part, rows in zip(subject.parts, parts, strict=False)
            ]
            lines = tables.lines(operation, subject.references, row, view.prefix)
            return self.markup.render(
                "item.html",
                prefix=view.prefix,
                path=view.place,
                crumbs=places.crumbs(operation, view.path, view.prefix),
                title=subject.heading,
                heading=subject.heading,
                called=tables.name_of(row[0], subject.label),
                about=subject.about,
                explained=self.markup.part("explained", [column for column, _ in lines]),
                lines=lines,
                also=_also(subject, row[0], view.prefix),
                collections=shown,
                formats=self._formats(operation, view),
                history=operation.relation.has_history,
                as_of=view.given.get(AS_OF, ""),
            )

    async def _part(
        self, operation: Operation, rows: str | None, view: View, turn: Turn
    ) -> Mapping[str, Any]:
        table, _ = self._table(operation, view.prefix)
        texts = tables.parsed(rows)
        found, body = await turns.written(texts[:MOST_ROWS], table.body, turn)
        name = places.collection_name(operation)
        return {
            "heading": heading(name),
            "name": name,
            "path": f"{view.place.rstrip('/')}/{quote(operation.segment, safe='')}/",
            "columns": table.columns,
            "body": body,
            "number": len(found),
            "more": len(texts) > MOST_ROWS,
        }

    def index(self, prefix: str, about: str, who: Sequence[tuple[str, str]]) -> bytes:
        """Make the page of all collections and reports; `who`: what is known of the caller."""
        groups = []
        for name, kind in (("Collections", kinds.LIST), ("Reports", kinds.REPORT)):
            entries = [
                (places.title(o), prefix + o.path, o.relation.comment or "")
                for o in self._operations
                if o.kind is kind and not o.parents
            ]
            if entries:
                groups.append((name, entries))
        return self.markup.render(
            "index.html", prefix=prefix, crumbs=(), title="Start", about=about, who=who,
            groups=groups,
        )  # fmt: skip


def _orders(operation: Operation, filters: tuple[Any, ...]) -> frozenset[str]:
    """Return the columns by which a list with these filters can be ordered."""
    relation, fixed = operation.relation, operation.fixed
    names = (column.name for column in relation.columns)
    return frozenset(n for n in names if index_access.serve(relation, fixed, filters, n))


def _heads(names: Iterable[str], shape: Shape, view: View) -> Mapping[str, tuple[str, str]]:
    """Return of each head the link that orders by its column, and how the rows are sorted."""
    now, heads = shape.order.name, {}
    for name in names:
        sort = {name: "ascending", f"-{name}": "descending"}.get(now, "")
        other = f"-{name}" if sort == "ascending" else name
        heads[name] = view.but("after", "order", order=other), sort
    return heads


def _also(subject: Subject, row: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    """Return what else a row's key leads to: labels and paths."""
    found = []
    for other, columns in subject.also:
        key = places.key_of(row, columns)
        if key is None:
            continue
        if other.kind is kinds.READ:
            name = in_words(other.relation.name).removesuffix("s")
            found.append((name, f"{places.items(other, prefix)}{key}"))
        else:
            above = f"{places.items(subject.operation, prefix)}{key}"
            found.append(
                (places.collection_name(other), f"{above}/{quote(other.segment, safe='')}/")
            )
    return found


def problem_page(markup: Markup, problem: Problem, prefix: str, instance: str) -> bytes:
    """Make the page of a problem."""
    errors = [(fault.pointer.lstrip("/"), fault.detail) for fault in problem.errors]
    return markup.render(
        "problem.html",
        prefix=prefix,
        crumbs=(),
        title=KINDS[problem.kind][1],
        problem=problem,
        errors=errors,
        instance=instance,
    )
