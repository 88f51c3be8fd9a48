"""Which operations follow from keys, indexes and privileges: cases that the menagerie lacks."""

from dataclasses import replace

from api.catalog.relations import Catalog, Column, Constraint, Index, IndexColumn, Relation, Type
from api.config import Config
from api.http import health
from api.http.app import create_app
from api.http.prefix import Prefix
from api.identity import DEVELOPMENT_ROLE
from api.operations import discovery, index_access, kinds, notes
from api.operations.filters import Filter
from api.operations.index_order import Order
from api.operations.service_paths import RESERVED
from tests.support.sample_relations import ALL, column, index, relation

TEXT = Type("text", "text", "b")


def link(
    name: str, *columns: str, to: str, keys: tuple[str, ...] = ("id",), period: bool = False
) -> Constraint:
    return Constraint(
        name, "f", ("s", "child"), columns, references=("s", to), referenced=keys, period=period
    )


def catalog(*relations: Relation) -> Catalog:
    return Catalog((), {}, relations, (), {})


def paths(*relations: Relation) -> list[str]:
    return [f"{o.method} {o.path}" for o in discovery.build(catalog(*relations))]


PARENT = relation("parents", column("id"), table="parent", deletable=True)
CHILD = relation(
    "children", column("id"), column("parent_id"), table="child",
    constraints=(link("f", "parent_id", to="parent"),),
    indexes=(index("id", unique=True), index("parent_id")),
)  # fmt: skip


def test_each_privilege_makes_an_operation() -> None:
    def with_privileges(*names: str, deletable: bool = False) -> list[str]:
        made = (column(name, privileges=frozenset(names)) for name in ("id", "a"))
        return paths(relation("things", *made, table="thing", deletable=deletable))

    assert with_privileges() == []
    assert with_privileges("select") == ["GET /things/", "GET /things/{thing_id}"]
    assert with_privileges("insert") == ["POST /things/"]
    assert with_privileges("update", deletable=True) == [], (
        "no row can be found by a key that may not be read"
    )
    assert with_privileges("select", "update", deletable=True) == [
        "GET /things/", "GET /things/{thing_id}", "PATCH /things/{thing_id}",
        "DELETE /things/{thing_id}", "PATCH /things/", "DELETE /things/",
    ]  # fmt: skip


def test_each_view_of_the_table_is_a_parent() -> None:
    read_only = [
        relation(name, column("id", privileges=frozenset({"select"})), table="parent")
        for name in ("zebras", "aardvarks")
    ]
    found = paths(*read_only, PARENT, CHILD)
    for name in ("zebras", "aardvarks", "parents"):
        assert f"GET /{name}/{{parent_id}}/children/" in found
        assert f"POST /{name}/{{parent_id}}/children/" in found


def test_collection_needs_a_btree_that_begins_with_the_foreign_key() -> None:
    def nested(*indexes: Index, period: bool = False) -> bool:
        links = (link("f", "a", "b", to="parent", keys=("y", "x"), period=period),)
        parent = relation("parents", column("x"), column("y"), table="parent", key=("x", "y"))
        columns = [column(name) for name in ("id", "a", "b", "c")]
        child = relation("children", *columns, table="child", constraints=links, indexes=indexes)
        return "GET /parents/{x},{y}/children.b.a/" in paths(parent, child)

    assert nested(index("a", "b"))
    assert nested(index("b", "a", "c"))
    assert not nested(index("a", "c", "b"))
    assert not nested(index("c", "a", "b"))
    assert not nested(index("a", "b", method="hash"))
    assert not nested(index("a", "b"), period=True)
    assert not nested()


def test_link_has_the_order_of_the_parents_key() -> None:
    parent = relation("parents", column("x"), column("y"), table="parent", key=("x", "y"))
    child = relation(
        "children", column("id"), column("a"), column("b"), table="child",
        indexes=(index("a", "b"),),
        constraints=(link("f", "a", "b", to="parent", keys=("y", "x")),),
    )  # fmt: skip
    (found,) = (
        o for o in discovery.build(catalog(parent, child)) if o.parents and o.kind is kinds.LIST
    )
    assert found.fixed == ("b", "a")
    assert [name for name, _ in found.keys] == ["x", "y"]


def test_foreign_key_to_another_unique_key_makes_no_collection() -> None:
    parent = relation("parents", column("id"), column("code"), table="parent")
    child = relation(
        "children",
        column("id"),
        column("code"),
        table="child",
        constraints=(link("f", "code", to="parent", keys=("code",)),),
        indexes=(index("code"),),
    )
    assert not [
        path for path in paths(parent, child) if path.startswith("GET /parents/{parent_id}/")
    ]


def test_path_parameters_have_different_names() -> None:
    parent = relation("parents", column("code"), table="parent", key=("code",))
    child = relation(
        "children", column("code"), column("parent_code"), table="child", key=("code",),
        constraints=(link("f", "parent_code", to="parent", keys=("code",)),),
        indexes=(index("parent_code"),),
    )  # fmt: skip
    toy = relation(
        "toys", column("id"), column("child_code"), table="toy",
        constraints=(link("f", "child_code", to="child", keys=("code",)),),
        indexes=(index("child_code"),),
    )  # fmt: skip
    assert "GET /parents/{code}/children/{child_code}/toys/" in paths(parent, child, toy)
    assert "GET /children/{code}/toys/" in paths(parent, child, toy)


def test_path_has_no_relation_twice() -> None:
    a = relation(
        "a", column("id"), column("b"), constraints=(link("f", "b", to="b"),), indexes=(index("b"),)
    )
    b = relation(
        "b", column("id"), column("a"), constraints=(link("f", "a", to="a"),), indexes=(index("a"),)
    )
    nested = [path for path in paths(a, b) if path.startswith("GET") and path.count("/") > 3]
    assert nested == ["GET /a/{a_id}/b.a/", "GET /b/{b_id}/a.b/"]


def test_body_excludes_the_columns_that_the_path_gives() -> None:
    nested = next(
        o for o in discovery.build(catalog(PARENT, CHILD)) if o.parents and o.kind is kinds.CREATE
    )
    assert [c.name for c in nested.body] == ["id"]
    unsettable = relation(
        "children", column("id"), column("parent_id", privileges=frozenset({"select"})),
        table="child", constraints=CHILD.constraints, indexes=CHILD.indexes,
    )  # fmt: skip
    assert not [
        o
        for o in discovery.build(catalog(PARENT, unsettable))
        if o.parents and o.kind is kinds.CREATE
    ]


def test_index_on_the_foreign_key_alone_offers_the_key_order() -> None:
    """The parent's children by key, sorted; and nothing more."""
    fixed = ("parent_id",)
    by_key = Order(("id",), equal=fixed, sorts=True)
    assert index_access.serve(CHILD, fixed, ()) == by_key
    assert index_access.serve(CHILD, fixed, (), "-id") == replace(by_key, descending=True)
    assert index_access.orders(CHILD, fixed) == ("id",)
    assert index_access.filters(CHILD, fixed) == ()
    assert index_access.serve(CHILD, (), [Filter(CHILD.column("parent_id"), "eq")]) is None
    said = [note for note in notes.notes(catalog(PARENT, CHILD)) if "parent_id" in note.sentence]
    index_note = said[0]
    assert index_note.sentence == "index parent_id serves no filter: it lacks id at its end."
    assert index_note.sql == "CREATE INDEX ON s.child (parent_id, id);"


def test_index_that_continues_with_an_expression_offers_no_filter() -> None:
    odd = Index("odd", "btree", False, (IndexColumn("parent_id", "o"), IndexColumn(None, "o")))
    child = relation(
        "children", *CHILD.columns, table="child", constraints=CHILD.constraints, indexes=(odd,)
    )
    assert "GET /parents/{parent_id}/children/" in paths(PARENT, child)
    by_key = Order(("id",), equal=("parent_id",), sorts=True)
    assert index_access.serve(child, ("parent_id",), ()) == by_key
    assert index_access.filters(child, ("parent_id",)) == ()


def test_index_that_continues_with_columns_offers_their_order() -> None:
    child = relation(
        "children", column("id"), column("parent_id"), column("at"),
        column("maybe", nullable=True), table="child",
        indexes=(index("id", unique=True), index("parent_id", "at", "id"), index("maybe", "id")),
    )  # fmt: skip
    fixed = ("parent_id",)
    by_key = Order(("id",), equal=fixed, sorts=True)
    assert index_access.serve(child, fixed, (), "at") == Order(("at", "id"), equal=fixed)
    assert index_access.serve(child, fixed, ()) == by_key, "no index gives a list another order"
    assert index_access.serve(child, fixed, (), "id") == by_key
    assert index_access.orders(child, fixed) == ("id", "at")
    by_maybe = Order(("maybe", "id"))
    assert index_access.serve(child, (), (), "maybe") == by_maybe
    assert index_access.serve(child, (), [Filter(child.column("maybe"), "gte")]) == by_maybe
    assert index_access.serve(child, (), (), "nothing") is None


def test_order_has_only_readable_columns() -> None:
    hidden = column("secret", privileges=frozenset({"insert"}))
    thing = relation(
        "things",
        column("id"),
        hidden,
        table="thing",
        indexes=(index("id", unique=True), index("secret", "id")),
    )
    assert index_access.serve(thing, (), (), "secret") is None
    assert [f.name for f in index_access.filters(thing)] == [
        "id",
        "id.gte",
        "id.gt",
        "id.lte",
        "id.lt",
        "id.in",
    ]


def test_mixed_directions_and_collations_serve_no_order() -> None:
    mixed = Index(
        "m",
        "btree",
        False,
        (IndexColumn("a", "o", None, False, True, True), IndexColumn("id", "o")),
    )
    backwards = [IndexColumn(name, "o", descending=True, nulls_first=True) for name in ("b", "id")]
    down = Index("d", "btree", False, tuple(backwards))
    collated = Index(
        "c", "btree", False, (IndexColumn("c", "text_ops", "C", True), IndexColumn("id", "o"))
    )
    columns = (
        column("id"),
        column("a"),
        column("b"),
        Column("c", TEXT, False, source="c", privileges=ALL),
    )
    thing = relation("things", *columns, table="thing", indexes=(mixed, down, collated))
    assert index_access.serve(thing, (), (), "a") is None
    assert index_access.serve(thing, (), (), "b") == Order(("b", "id"))
    assert index_access.serve(thing, (), (), "-c") is None
    beginning = [Filter(thing.column("c"), "prefix")]
    assert index_access.serve(thing, (), beginning, "-c") == Order(
        ("c", "id"), descending=True, collation="C"
    )
    assert index_access.serve(thing, (), [Filter(thing.column("c"), "eq")]) is None
    of_c = [f.name for f in index_access.filters(thing) if f.column.name == "c"]
    assert of_c == ["c.prefix"], "an index in the column's own order would change theirs"
    offered = [f.name for f in index_access.filters(thing)]
    assert "a" in offered
    assert "a.gte" not in offered
    odd = relation(
        "things", *columns, table="thing", indexes=(index("id", unique=True), index("a", "b"))
    )
    assert list(map(str, notes.notes(catalog(odd)))) == [
        "api.things: index a_b serves no filter: it lacks id at its end."
    ]


def test_index_in_another_collation_makes_no_collection() -> None:
    other = Index(
        "c", "btree", False, (IndexColumn("parent_id", "text_ops", "C", c_collated=True),)
    )
    child = relation(
        "children", *CHILD.columns, table="child", constraints=CHILD.constraints, indexes=(other,)
    )
    assert "GET /parents/{parent_id}/children/" not in paths(PARENT, child)


async def test_relation_with_a_reserved_name_is_not_served() -> None:
    app = create_app(
        Config(database_url="postgresql://nobody@localhost/nothing"), {DEVELOPMENT_ROLE: catalog()}
    )
    own = {
        route.path.split("/")[1]
        for route in health.routes(
            {DEVELOPMENT_ROLE: app.service},
            (),
            app.metrics,
            app.draining,
            Prefix("", "", is_trusted=False),
        )
    }
    reports = replace(catalog(), reports=(replace(PARENT, schema="reporting"),))
    own |= {operation.path.split("/")[1] for operation in discovery.build(reports)}
    assert own - {""} == RESERVED
    for name in RESERVED:
        taken = replace(PARENT, name=name)
        assert paths(taken) == []
        assert "GET /parents/{parent_id}/children/" in paths(taken, PARENT, CHILD), (
            "another view of its table stands in"
        )
        assert (
            str(next(notes.notes(catalog(taken))))
            == f"api.{name}: not served: /{name} is a path of the service itself."
        )
    report = replace(PARENT, schema="reporting", name="health")
    assert [o.path for o in discovery.build(replace(catalog(), reports=(report,)))] == [
        "/reporting/health/"
    ]


def test_note_says_why_an_index_serves_no_filter() -> None:
    def note(made: Index, *constraints: Constraint) -> str:
        columns = [column(name) for name in ("id", "a", "b")]
        columns += [column("hidden", privileges=frozenset({"insert"}))]
        columns += [Column("j", Type("json", "json", "b"), source="j", privileges=ALL)]
        found = relation(
            "things",
            *columns,
            table="thing",
            constraints=constraints,
            indexes=(index("id", unique=True), made),
        )
        return (
            "".join(map(str, notes.notes(catalog(found))))
            .removeprefix("api.things: index ")
            .partition(": ")[2]
        )

    def with_none(*names: str | None) -> Index:
        columns = tuple(IndexColumn(name, "o", hidden="an expression") for name in names)
        return Index("odd", "btree", False, columns)

    assert note(with_none(None, "id")) == "it begins with an expression."
    assert note(with_none("a", None, "id")) == "it continues with an expression."
    assert note(index("hidden", "id")) == "hidden may not be read, or its type not be used."
    assert note(index("a", method="gin")) == "a gin index with these operators is not supported."
    assert note(index("j", "id")) == "a btree index with these operators is not supported."
    assert note(index("a", "b")) == "it lacks id at its end."
    assert note(index("a"), Constraint("a", "u", ("s", "thing"), ("a",))).startswith(
        "its constraint is deferrable"
    )
    mixed = Index(
        "m", "btree", False, (IndexColumn("a", "o"), IndexColumn("b", "o"), IndexColumn("id", "o"))
    )
    assert note(mixed) == "", "it serves a and b together"
    assert note(
        Index(
            "n", "btree", False, (IndexColumn("a", "o"), IndexColumn("id", "o", nulls_first=True))
        )
    ) == ("its columns are not in an order that a page can have.")


def test_note_says_why_a_foreign_key_makes_no_collection() -> None:
    def note(constraint: Constraint, *others: Relation, insert_only: bool = False) -> list[str]:
        privileges = frozenset({"insert"}) if insert_only else ALL
        columns = [column(name, privileges=privileges) for name in ("id", "parent_id")]
        child = relation("children", *columns, table="child", constraints=(constraint,))
        found = notes.notes(replace(catalog(*others, child), role="reader"))
        return [n.sentence for n in found if n.about.startswith("api.")]

    plain = link("f", "parent_id", to="parent")
    under = "no collection under parent: "
    assert note(plain, PARENT) == [f"{under}no index begins with parent_id."]
    assert note(link("f", "mother_id", to="parent"), PARENT) == [
        f"{under}this view does not show mother_id."
    ]
    assert note(link("f", "parent_id", to="parent", period=True), PARENT) == [
        f"{under}parent_id refers to a period."
    ]
    assert note(link("f", "parent_id", to="parent", keys=("code",)), PARENT) == [
        f"{under}parent_id refers to columns other than its key."
    ]
    reason = "no view shows what parent_id refers to, with a key that may be read."
    assert note(plain) == [under + reason]
    assert note(replace(plain, references=("", ""))) == [
        f"no collection under a table that no view reads: {reason}"
    ]
    assert note(plain, PARENT, insert_only=True) == [
        "served for POST only: reader may not read it.",
        f"{under}no index begins with parent_id.",
    ]


def test_note_names_what_the_role_may_not_read() -> None:
    made = replace(
        relation("things", column("id", privileges=frozenset({"insert"}))),
        unreadable=("s.t.a", "s.t.b"),
    )
    (note,) = notes.notes(replace(catalog(made), role="reader"))
    assert str(note) == (
        "api.things: served for POST only: reader lacks SELECT on s.t.a, s.t.b, which it uses."
    )
    assert note.sql == "GRANT SELECT (a, b) ON s.t TO reader;"
    report = replace(made, schema="reporting")
    (note,) = notes.notes(replace(catalog(), reports=(report,), role="reader"))
    assert str(note) == (
        "reporting.things: not served: reader lacks SELECT on s.t.a, s.t.b, which it uses."
    )
