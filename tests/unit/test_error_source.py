"""Which trigger an error of Postgres comes from, by the fields and the context of the error."""

import asyncpg
import pytest

from api.catalog.relations import Catalog, Relation
from api.catalog.triggers import Trigger
from api.database import error_source
from api.operations import kinds
from api.operations.operation import Operation

TABLES = frozenset({("shop", "item"), ("api", "items")})
CREATE = Operation(kinds.CREATE, Relation("api", "items", None, (), tables=TABLES), "items")


def trigger(name: str, function: str, table: str = "item", event: str = "insert") -> Trigger:
    schema, _, short = function.rpartition(".")
    return Trigger(
        name, ("shop", table), (schema, short), frozenset({event}), "before", True, f"{name}!"
    )


TRIGGERS = (
    trigger("one", "shop.check_it"),
    trigger("two", "public.Odd name"),
    trigger("three", "shop.shared"),
    trigger("four", "shop.shared", event="update"),
    trigger("five", "shop.shared", table="other"),
    trigger("six", "shop.twice"),
    trigger("seven", "shop.twice"),
    trigger("eight", "shop.python"),
    trigger("nine", "shop.audit", table="other"),
)
CHECK_IT = "PL/pgSQL function shop.check_it() line 3 at {}"
# SQLSTATE, constraint, context → the triggers it may be, and whether the comment is the sentence.
CASES = [
    ("P0001", "", CHECK_IT.format("RAISE"), "one", True),
    ("23514", "", CHECK_IT.format("RAISE"), "one", True),
    ("P0001", "", "PL/pgSQL-Funktion shop.check_it() Zeile 3 bei RAISE", "one", True),
    ("22012", "", CHECK_IT.format("assignment"), "one", False),
    ("P0001", "", 'PL/pgSQL function "Odd name"() line 1 at RAISE', "two", True),
    ("P0001", "", 'PL/pgSQL function public."Odd name"() line 1 at RAISE', "two", True),
    ("P0001", "", "PL/pgSQL function shop.shared() line 1 at RAISE", "three", True),
    ("P0001", "", "PL/pgSQL function shop.twice() line 1 at RAISE", "six seven", False),
    ("P0001", "", 'PL/Python function "python"', "eight", True),
    ("P0001", "", "PL/pgSQL function shop.not_check_it() line 1 at RAISE", "", False),
    ("P0001", "", "PL/pgSQL function other.check_it() line 1 at RAISE", "", False),
    ("P0001", "", "", "", False),
    ("P0001", "five", "", "five", True),
    (
        "P0001",
        "",
        "PL/pgSQL function shop.audit() line 2 at RAISE\n"
        'SQL statement "INSERT INTO shop.other VALUES (1)"\n' + CHECK_IT.format("SQL statement"),
        "nine",
        True,
    ),
]


@pytest.mark.parametrize(("state", "constraint", "context", "names", "is_said"), CASES)
def test_trigger_is_found_by_the_innermost_function_of_the_context(
    state: str, constraint: str, context: str, names: str, *, is_said: bool
) -> None:
    error = asyncpg.PostgresError.new({"C": state, "W": context, "n": constraint, "M": ""})
    catalog = Catalog((), {}, (), (), {}, TRIGGERS)
    found, said = error_source.refusal(error, CREATE, catalog)
    assert [each.name for each in found] == names.split()
    assert said == (f"{found[0].name}!" if is_said else None)
