"""The house rules that no linter knows: floors, sizes, names, and that nothing here is about the schema it serves."""

import ast
import re
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import api
from api.config import ROOT
from tests.conftest import TestDatabase
from tests.serving import read_catalog

FILES = {path.stem: path for path in (ROOT / "api").glob("*.py")}
MODULES = FILES.keys() - {"__init__"}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 40
VAGUE = {"utils", "util", "common", "helpers", "helper", "models", "base", "misc", "core", "shared"}

# A column's name that may stand in the code, and why.
OWN_WORDS = {
    "id": "an operation's, in OpenAPI `operationId`",
    "description": "OpenAPI's and JSON Schema's keyword",
    "date": "JSON Schema's format, Postgres's type, Python's class",
    "code": "an error's, as in `status_code`",
    "status": "RFC 9457's member",
}
PRODUCT = "superbill"  # the distribution's own name; its plural is a relation


def floors() -> dict[str, int]:
    """Read the floor plan: a file's floor, by the docstring of the package."""
    found, floor = {}, -1
    for line in (api.__doc__ or "").splitlines():
        entry = re.fullmatch(r" {3}(?:([ \d]\d)| {2}) {2}(\w+) {2,}\S.*|", line)
        if entry and entry[2]:
            floor = int(entry[1]) if entry[1] else floor
            found[entry[2]] = floor
    return found


def imports(tree: ast.Module) -> Iterator[str]:
    """Give the files of the package that a file imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "api" else [node.module or ""]
            )
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("api."))


def test_the_floor_plan_lists_every_file_from_the_top_down() -> None:
    plan = floors()
    assert plan.keys() == MODULES
    assert list(plan.values()) == sorted(plan.values(), reverse=True)
    assert set(plan.values()) == set(range(max(plan.values()) + 1))


def test_imports_go_down_the_floors() -> None:
    plan = floors()
    upward = {
        f"{name} ({plan[name]}) imports {other} ({plan[other]})"
        for name in MODULES
        for other in imports(TREES[name])
        if other in plan and plan[other] >= plan[name]
    }
    assert upward == set()
    assert {other for name in MODULES for other in imports(TREES[name])} <= MODULES | {"__version__"}


def test_no_file_and_no_function_is_long() -> None:
    paths = [*FILES.values(), *(ROOT / "tests").rglob("*.py")]
    long = {str(path.relative_to(ROOT)) for path in paths if path.read_text(encoding="utf-8").count("\n") > MOST_LINES}
    assert long == set()
    assert {entry for path in paths for entry in _long_functions(path)} == set()


def _long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                yield f"{path.relative_to(ROOT)}: {node.name} has {length} lines"


def test_every_file_says_what_lives_there_and_is_named_by_its_noun() -> None:
    assert {name for name, tree in TREES.items() if not ast.get_docstring(tree)} == set()
    assert VAGUE & FILES.keys() == set()
    assert not list((ROOT / "schema").rglob("*.py")), "yoyo would take it for a migration"


@pytest.fixture
def names(database: TestDatabase) -> tuple[set[str], set[str]]:
    """Give the names of the billing schema: its relations, singular and plural, and its columns."""
    query = (
        "SELECT relname, attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
        " WHERE relnamespace IN ('api'::regnamespace, 'billing'::regnamespace, 'reporting'::regnamespace)"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND attnum > 0 AND NOT attisdropped"
    )
    rows = [(str(relation), str(column)) for relation, column in database.execute(query)]
    relations = {relation for relation, _ in rows}
    relations |= {f"{name}s" for name in relations} | {name.removesuffix("s") for name in relations}
    assert len(relations) > 10
    return relations - {PRODUCT}, {column for _, column in rows}


def test_no_relation_of_the_billing_schema_is_named(names: tuple[set[str], set[str]]) -> None:
    """Neither in code nor in prose, with underscores or with spaces, alone or in a longer name."""
    relations, _ = names
    words = re.compile(
        "|".join(rf"(?<![a-z]){name.replace('_', '[_ -]')}(?![a-z])" for name in relations), re.IGNORECASE
    )
    found = {
        f"{path.name}:{number}: {line.strip()}"
        for path in (*FILES.values(), ROOT / "api" / "catalog.sql")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    }
    assert found == set()


def test_no_column_of_the_billing_schema_is_named(names: tuple[set[str], set[str]]) -> None:
    """Neither as an identifier nor as a word of a text that is no docstring."""
    _, columns = names
    found = {
        f"{name}.py:{line}: {word}"
        for name, tree in TREES.items()
        for line, text in _spoken(tree)
        for word in re.findall(r"\w+", text)
        if word in columns - OWN_WORDS.keys()
    }
    assert found == set()
    assert OWN_WORDS.keys() <= columns | {"status"}


def _spoken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield line, node.value
        for field in ("id", "attr", "arg", "name"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield line, value


async def test_everything_in_the_menagerie_is_commented(loop: AbstractEventLoop, menagerie: TestDatabase) -> None:
    """Relations, their columns, types and constraints; constraints in a sentence for the client."""
    queries = {
        "relation": "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class WHERE relkind IN ('r', 'v', 'S')"
        " AND relnamespace::regnamespace::text IN ('zoo', 'api', 'reporting')"
        " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'i' AND relkind = 'S')",
        "column": "SELECT attrelid::regclass || '.' || attname, col_description(attrelid, attnum) FROM pg_attribute"
        " JOIN pg_class AS c ON c.oid = attrelid WHERE relkind IN ('r', 'c') AND attnum > 0 AND NOT attisdropped"
        " AND relnamespace = 'zoo'::regnamespace",
        "constraint": "SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint"
        " WHERE connamespace = 'zoo'::regnamespace AND contype <> 'n'",
        "type": "SELECT typname, obj_description(oid, 'pg_type') FROM pg_type"
        " WHERE typnamespace = 'zoo'::regnamespace AND typtype IN ('d', 'e')"
        " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_type.oid AND deptype = 'e')",
    }
    with psycopg.connect(menagerie.owner_url) as connection:
        for kind, query in queries.items():
            rows = connection.execute(query.encode()).fetchall()
            assert [name for name, comment in rows if not re.fullmatch(r"(?s)[A-Z0-9(].+", comment or "")] == [], kind
            assert len(rows) > 4
            if kind == "constraint":
                assert [name for name, comment in rows if not comment.endswith(".")] == []


async def test_every_column_that_is_served_has_a_description(
    loop: AbstractEventLoop, menagerie: TestDatabase, database: TestDatabase
) -> None:
    for url in (menagerie.api_url, database.api_url):
        catalog = await read_catalog(url)
        served = [
            (relation, column) for relation in (*catalog.relations, *catalog.reports) for column in relation.columns
        ]
        assert [f"{relation.name}.{column.name}" for relation, column in served if not column.comment] == []
        assert not [relation.name for relation, _ in served if not relation.comment]
        assert all(catalog.comments.values())
