"""What nested collections, path parameters and operations are called."""

from collections.abc import Iterable

import pytest

from api.catalog.relations import Catalog, Constraint, Relation
from api.document import openapi
from api.operations import discovery
from api.operations.identifiers import identifier
from api.operations.nesting import segment
from tests.support.sample_relations import column, index, relation

NAMES = (
    "a",
    "a.b",
    "a~.b",
    "a~",
    ".",
    "..",
    "a-b",
    "a--b",
    "a b",
    "a-20-b",
    "..AB.c",
    "«c",
    "ä",
    "/",
)


def table(
    name: str, key: Iterable[str], columns: Iterable[str] = (), links: Iterable[Constraint] = ()
) -> Relation:
    """Make a table whose foreign keys are indexed, and its view, which is called `{name}s`."""
    key, links = tuple(key), tuple(links)
    indexes = (index(*key, unique=True), *(index(*link.columns) for link in links))
    made = [column(each) for each in (*key, *columns)]
    return relation(f"{name}s", *made, table=name, key=key, constraints=links, indexes=indexes)


def link(to: str, **columns: str) -> Constraint:
    """Make a foreign key to a table: its columns by those of the key."""
    name = "_".join(columns.values())
    return Constraint(
        name,
        "f",
        ("s", ""),
        tuple(columns.values()),
        references=("s", to),
        referenced=tuple(columns),
    )


def below(*relations: Relation) -> list[str]:
    """Return the paths of the lists with one parent."""
    operations = discovery.build(Catalog((), {}, relations, (), {}))
    return [o.path for o in operations if o.method == "GET" and len(o.parents) == 1]


@pytest.mark.parametrize(
    ("key", "columns", "name"),
    [
        ("id", "plan_id", "visits"),
        ("id", "main_plan_id", "visits.main_plan_id"),
        ("id", "plan", "visits.plan"),
        ("code", "plan_code", "visits"),
        ("code", "code", "visits.code"),
        ("plan_no", "plan_no", "visits"),
        ("plan_no", "plan_plan_no", "visits"),
        ("payer no", "payer no", "visits"),
        ("payer no", "plan_payer plan_no", "visits"),
        ("payer no", "payer plan_no", "visits"),
        ("payer no", "payer main_no", "visits.payer.main_no"),
    ],
)
def test_collection_is_called_by_its_columns_alone(key: str, columns: str, name: str) -> None:
    plan = table("plan", key.split())
    refers = link("plan", **dict(zip(key.split(), columns.split(), strict=True)))
    visit = table("visit", ["no_one"], columns.split(), [refers])
    assert [path.split("/")[3] for path in below(plan, visit)] == [name]
    # Another foreign key to the same table changes nothing.
    other = link("plan", **{each: f"other_{each}" for each in key.split()})
    both = table("visit", ["no_one"], [*columns.split(), *other.columns], [other, refers])
    found = [path.split("/")[3] for path in below(plan, both)]
    assert sorted(found) == sorted([name, ".".join(("visits", *other.columns))])


def test_two_foreign_keys_over_the_same_columns_are_one_collection() -> None:
    twice = [link("plan", id="plan_id"), link("plan", id="plan_id")]
    assert below(table("plan", ["id"]), table("visit", ["id"], ["plan_id"], twice)) == [
        "/plans/{plan_id}/visits/"
    ]


def test_name_that_two_collections_claim_is_that_of_the_earlier_columns() -> None:
    plan, one = table("plan", ["payer", "no"]), link("plan", payer="payer", no="plan_no")
    two = link("plan", payer="plan_payer", no="plan_no")
    columns = ["payer", "plan_no", "plan_payer"]
    for links in ([one, two], [two, one]):
        found = below(plan, table("visit", ["id"], columns, links))
        assert sorted(found) == [
            "/plans/{payer},{no}/visits.plan_payer.plan_no/", "/plans/{payer},{no}/visits/"
        ]  # fmt: skip


def test_path_has_two_parents_at_most() -> None:
    a, b = table("a", ["id"]), table("b", ["id"], ["a_id"], [link("a", id="a_id")])
    c = table("c", ["id"], ["b_id"], [link("b", id="b_id")])
    d = table("d", ["id"], ["c_id"], [link("c", id="c_id")])
    operations = discovery.build(Catalog((), {}, (a, b, c, d), (), {}))
    lists = [o.path for o in operations if o.kind.name == "list" and o.segment == "ds"]
    assert lists == ["/bs/{b_id}/cs/{c_id}/ds/", "/cs/{c_id}/ds/", "/ds/"]


def test_path_parameters_differ_in_one_path() -> None:
    odd = table("plan", ["id", "plan_id", "{a/b}"])
    assert discovery.path_parameters(odd, ()) == ("plan_id", "plan_plan_id", "-7B-a-2F-b-7D-")
    assert discovery.path_parameters(table("plan", ["no"]), ("no", "plan_no")) == ("plan_plan_no",)


def test_different_names_stay_different() -> None:
    pairs = [(one, other) for one in NAMES for other in NAMES]
    segments = {*map(segment, NAMES), *(segment(*pair) for pair in pairs)}
    assert len(segments) == len(NAMES) + len(pairs)
    assert len({identifier(each) for each in segments}) == len(segments)


def test_name_of_a_view_never_touches_the_documents_own() -> None:
    child = table("child", ["id"], ["parent_id"], [link("parent", id="parent_id")])
    names = ("problem", "service", "many", "parents.children", *NAMES)
    views = [relation(name, column("id"), table="other") for name in names]
    catalog = Catalog((), {}, (table("parent", ["id"]), child, *views), (), {})
    operations = discovery.build(catalog)
    document = openapi.build(catalog, operations)
    own = openapi.build(Catalog((), {}, (), (), {}), ())
    for section, components in own["components"].items():
        for name, component in components.items():
            assert document["components"][section][name] == component
    items = [item for path in document["paths"].values() for item in path.values()]
    ids = [item["operationId"] for item in items if isinstance(item, dict)]
    assert len(ids) == len(set(ids)) == len(operations) + 3, "three are the service's own"
    tags = [tag["name"] for tag in document["tags"]]
    assert len(tags) == len(set(tags)) == len(names) + 3
