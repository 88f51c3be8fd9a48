"""The guides name what exists: files, headings, commands; and their tables list all there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import api
from api.cli.commands import COMMANDS
from api.config import ROOT
from api.http import headers
from api.problem import KINDS

PATHS = [
    "README.md",
    "CHANGELOG.md",
    ".github/CONTRIBUTING.md",
    "charts/README.md",
    "openapi/README.md",
    "schema/README.md",
    "tests/benchmark/README.md",
    "tests/menagerie/README.md",
]
TEXTS = {path: (ROOT / path).read_text(encoding="utf-8") for path in PATHS}
TOP = r"api|charts|openapi|schema|tests|\.ci|\.github"
IGNORED = set((ROOT / ".gitignore").read_text(encoding="utf-8").split())
# A file that an example makes: it stands before the example's text.
MADE = re.compile(r"`(schema/\S+)`[^`]*?\n\n```")


def table(path: str, header: str) -> list[list[str]]:
    """Give a table's rows: the cells of each, without the ticks."""
    _, found, rest = TEXTS[path].partition(header)
    assert found
    rows = rest.lstrip("|-\n ").partition("\n\n")[0].splitlines()
    return [
        [cell.strip().replace("`", "") for cell in row.strip("|").split("|")]
        for row in rows
        if "---" not in row
    ]


def anchors(path: Path) -> set[str]:
    """Give the anchors that GitHub makes of a guide's headings."""
    found = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in found}


def paths(text: str) -> Iterator[str]:
    """Give the paths from the top folder that a text names between ticks, without placeholders."""
    made = set(MADE.findall(text))
    for name in re.findall(rf"`((?:{TOP})/[^`\s]*)`", text):
        if not re.search(r"NN|[<{…]", name) and name not in made | IGNORED:
            yield name


@pytest.mark.parametrize("path", PATHS)
def test_every_link_of_a_guide_has_a_target(path: str) -> None:
    for name, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", TEXTS[path]):
        target = (ROOT / path).parent / name if name else ROOT / path
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_a_guide_names_exists(path: str) -> None:
    assert [name for name in paths(TEXTS[path]) if not list(ROOT.glob(name))] == []


@pytest.mark.parametrize("path", PATHS)
def test_every_command_that_a_guide_names_exists(path: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ |^)make ([a-z-]+)", TEXTS[path], re.MULTILINE)) <= targets
    assert set(re.findall(r"(?:`|\$ )superbill ([a-z]+)", TEXTS[path])) <= COMMANDS.keys()


def test_map_of_the_code_lists_every_package_in_order_and_every_file() -> None:
    text = TEXTS[".github/CONTRIBUTING.md"]
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", text, re.MULTILINE)
    order = re.findall(r"^ {4}(\w+) {2,}\S", api.__doc__ or "", re.MULTILINE)
    assert [package for package, _ in rows] == order
    named = {f"{package}.{name}" for package, row in rows for name in re.findall(r"`(\w+)`", row)}
    files = {f"{path.parent.name}.{path.stem}" for path in (ROOT / "api").glob("*/*.py")}
    assert named == {name for name in files if not name.endswith("__init__")}


def test_guide_for_the_code_lists_every_command() -> None:
    rows = table(".github/CONTRIBUTING.md", "| command of the program | what it does |")
    assert [row[0] for row in rows] == [f"superbill {name}" for name in COMMANDS]


def test_guide_for_clients_lists_every_problem() -> None:
    rows = table("openapi/README.md", "| `type`, after `urn:problem-type:` | status | when |")
    assert [row[:2] for row in rows] == [[kind, str(status)] for kind, (status, _) in KINDS.items()]


def test_guide_for_operators_lists_every_header() -> None:
    rows = table("charts/README.md", "| header | value | what it is for |")
    assert {name: value for name, value, _ in rows} == headers.DEFAULTS


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    _, _, names = makefile.partition(".PHONY: ")
    targets = names.splitlines()[0].split()
    assert sorted(re.findall(r"^\t@echo 'make ([a-z-]+)", makefile, re.MULTILINE)) == sorted(
        name for name in targets if name != "help"
    )
