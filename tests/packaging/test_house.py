"""Conventions that no linter checks: imports, sizes, names, and that `api/` names no schema."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import psycopg
import pytest

import api
from api.config import ROOT
from tests.support.catalogs import read_catalog
from tests.support.databases import TestDatabase

ROOM = ROOT / "api"
FILES = {
    path.relative_to(ROOM).with_suffix("").as_posix().replace("/", "."): path
    for path in ROOM.rglob("*.py")
}
MODULES = {name for name in FILES if not name.endswith("__init__")}
# The lines that a file and a function may have.
IN_API, IN_TESTS = (300, 40), (400, 65)
# More lines for a file, and why.
LONGER = {"api/http/protocol.py": 490}  # all that knows how Sanic speaks HTTP stands in one file
BELOW = ("config", "setting_checks", "identity", "problem")  # below all packages, from the top down
VAGUE = {"utils", "util", "common", "helpers", "helper", "models", "base", "misc", "core", "shared"}

# A column's name that may stand in the code, and why.
OWN_WORDS = {
    "id": "an operation's, in OpenAPI `operationId`",
    "description": "OpenAPI's and JSON Schema's keyword",
    "content": "what HTTP and OpenAPI call a body",
    "date": "JSON Schema's format, Postgres's type, Python's class",
    "code": "an error's, as in `status_code`",
    "status": "RFC 9457's member",
    "name": "a relation's, a column's, a constraint's",
    "login": "Postgres's, as `superbill grant` takes it",
    "role": "Postgres's",
    "modifier": "a type's, Postgres's `atttypmod`",
    "state": "an error's SQLSTATE, Postgres's; a connection's",
    "reason": "why something is not served",
    "day": "a date that a range holds",
    "part": "a piece of a schema, a text or a path",
    "position": "a place in an index, a key or a text",
    "fault": "one thing that is wrong with a request",
    "totals": "sums of numbers",
    "provider": "of a collation, as Postgres's option `--locale-provider`",
    "kind": "of an operation, a problem, a constraint, a type",
    "method": "a request's",
    "quantity": "what a number is, in a sentence",
    "reference": "a foreign key, or `$ref` in the document",
    "suffix": "a file's name has one",
    "unit": "what a number counts, in a sentence",
}
PRODUCT = "superbill"  # the distribution's own name; its plural is a relation
MEMBERS = ("member", "members")  # those of a JSON object, and of `superbill members`
MODIFIERS = ("modifier", "modifiers")  # those of a type, Postgres's `atttypmod`
CLAIMS = ("claim", "claims")  # of a token (RFC 7519)
PROVIDERS = ("provider", "providers")  # of a collation, as Postgres's option `--locale-provider`


@cache
def trees() -> dict[str, ast.Module]:
    """Parse the files."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def packages() -> list[str]:
    """Read the order of the packages, from the top down, in the docstring of `api`."""
    return re.findall(r"^ {4}(\w+) {2,}\S", api.__doc__ or "", re.MULTILINE)


def imports(tree: ast.Module) -> Iterator[str]:
    """Give the files of the package that a file imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = f"{node.module}."
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            module, names = "", [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            for known in (name, module.rstrip(".")):
                if known.removeprefix("api.") in MODULES and known.startswith("api."):
                    yield known.removeprefix("api.")
                    break


def _floor(name: str, order: list[str]) -> int:
    """Give a file's height: packages from the top down, what lies below them, the front door."""
    package, _, file = name.partition(".")
    if not file:
        return 99 if name == "__main__" else -BELOW.index(name)
    return len(order) - order.index(package)


def test_the_docstring_of_the_package_lists_every_package() -> None:
    folders = {path.name for path in ROOM.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert set(packages()) == folders
    assert {name for name in MODULES if "." not in name} == {"__main__", *BELOW}


def test_packages_import_only_from_packages_below_them() -> None:
    order = packages()
    upward = {
        f"{name} imports {other}"
        for name in MODULES
        for other in imports(trees()[name])
        if name.partition(".")[0] != other.partition(".")[0]
        and _floor(other, order) >= _floor(name, order)
    }
    assert upward == set()


def test_imports_inside_a_package_go_one_way() -> None:
    below = {name: set(imports(trees()[name])) for name in MODULES}
    while leaves := [name for name, others in below.items() if not others & below.keys()]:
        for name in leaves:
            del below[name]
    assert below == {}


def test_no_test_file_imports_from_another() -> None:
    """What several tests use lives in `tests/support`, or is a fixture in a conftest.py."""
    tests = ROOT / "tests"
    found = {
        f"{path.relative_to(tests)} imports {name}"
        for path in tests.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
        if re.match(r"tests\.(?:.*\.)?test_", name)
    }
    assert found == set()


def test_files_and_functions_have_limited_length() -> None:
    long = set()
    for folder, (lines, lines_of_a_function) in (("api", IN_API), ("tests", IN_TESTS)):
        for path in (ROOT / folder).rglob("*.py"):
            name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            if text.count("\n") > LONGER.get(name, lines):
                long.add(name)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or 0) - node.lineno + 1
                    if length > lines_of_a_function:
                        long.add(f"{name}: {node.name} has {length} lines")
    assert long == set()


def test_lines_of_the_program_s_sql_have_at_most_100_characters() -> None:
    """As those of its Python; sqlfluff checks the migrations alone."""
    paths = [path for folder in ("api", "charts") for path in (ROOT / folder).rglob("*.sql")]
    assert len(paths) > 5
    long = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100
    }
    assert long == set()


def test_each_file_has_a_docstring_and_a_noun_for_its_name() -> None:
    assert {name for name, tree in trees().items() if not ast.get_docstring(tree)} == set()
    assert VAGUE & {step for name in FILES for step in name.split(".")} == set()
    assert not list((ROOT / "schema").rglob("*.py")), "yoyo would take it for a migration"


@pytest.fixture
def names(database: TestDatabase) -> tuple[set[str], set[str]]:
    """Give the names of the billing schema: its relations, singular and plural, and its columns."""
    query = (
        "SELECT relname, attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
        " WHERE relnamespace IN ('api'::regnamespace, 'billing'::regnamespace,"
        " 'reporting'::regnamespace)"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND attnum > 0 AND NOT attisdropped"
        " AND relname NOT LIKE 'audit%'"  # which show what the server itself has done
    )
    rows = [(str(relation), str(column)) for relation, column in database.execute(query)]
    relations = {relation for relation, _ in rows}
    relations |= {f"{name}s" for name in relations} | {name.removesuffix("s") for name in relations}
    assert len(relations) > 10
    own = {PRODUCT, *MEMBERS, *MODIFIERS, *PROVIDERS, *CLAIMS}
    return relations - own, {column for _, column in rows}


def test_code_names_no_relation_of_the_billing_schema(names: tuple[set[str], set[str]]) -> None:
    """Neither in code nor in prose, with underscores or with spaces, alone or in a longer name."""
    relations, _ = names
    either = "|".join(name.replace("_", "[_ -]") for name in relations)
    words = re.compile(rf"(?<![a-z])(?:{either})(?![a-z])", re.IGNORECASE)
    found = {
        f"{path.name}:{number}: {line.strip()}"
        for path in (*FILES.values(), ROOM / "catalog" / "catalog.sql")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if words.search(line)
    }
    assert found == set()


def test_code_names_no_column_of_the_billing_schema(names: tuple[set[str], set[str]]) -> None:
    """Neither as an identifier nor as a word of a text that is no docstring."""
    _, columns = names
    found = {
        f"{name}.py:{line}: {word}"
        for name, tree in trees().items()
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
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield line, node.value
        for field in ("id", "attr", "arg", "name"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                yield line, value


async def test_each_object_of_the_menagerie_has_a_comment(menagerie: TestDatabase) -> None:
    """Relations, their columns, types and constraints; constraints in a sentence for the client."""
    queries = {
        "relation": "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class"
        " WHERE relkind IN ('r', 'v', 'S')"
        " AND relnamespace::regnamespace::text IN ('zoo', 'api', 'reporting')"
        " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'i'"
        " AND relkind = 'S')",
        "column": "SELECT attrelid::regclass || '.' || attname, col_description(attrelid, attnum)"
        " FROM pg_attribute"
        " JOIN pg_class AS c ON c.oid = attrelid WHERE relkind IN ('r', 'c') AND attnum > 0"
        " AND NOT attisdropped"
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
            assert [
                name
                for name, comment in rows
                if not re.fullmatch(r"(?s)[A-Z0-9(].+", comment or "")
            ] == [], kind
            assert len(rows) > 4
            if kind == "constraint":
                assert [name for name, comment in rows if not comment.endswith(".")] == []


async def test_each_served_column_has_a_description(
    menagerie: TestDatabase, database: TestDatabase
) -> None:
    for url in (menagerie.api_url, database.api_url):
        catalog = await read_catalog(url)
        served = [
            (relation, column)
            for relation in (*catalog.relations, *catalog.reports)
            for column in relation.columns
        ]
        assert [
            f"{relation.name}.{column.name}" for relation, column in served if not column.comment
        ] == []
        assert not [relation.name for relation, _ in served if not relation.comment]
        assert all(catalog.comments.values())
