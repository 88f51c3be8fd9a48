"""Templates beside the schema: what is refused before anything is served, and how they render."""

import asyncio
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.catalog.relations import Catalog, Type
from api.cli import schema_templates
from api.cli.refusal import RefusedError
from api.config import Config
from api.document.media_types import Form
from api.endpoints.rendering import Rendering
from api.representations import edi_text, templates, trial_rows
from api.representations.representation import Content, Representation
from api.representations.templates import FOLDER, Template, TemplatesError
from tests.support.sample_catalog import CATALOG, INTEGER, TEXT, THINGS, column


def folder(path: Path, **files: str) -> Path:
    """Make a schema's folder with these templates; `__` in a name stands for a point."""
    (path / "s" / FOLDER).mkdir(parents=True)
    for name, text in files.items():
        place = path / "s" / FOLDER / name.replace("__", ".")
        place.write_text(text, encoding="utf-8")
    return path / "s"


def one(path: Path, name: str, text: str) -> Template:
    (made,) = templates.load(folder(path, **{name: text}))
    return made


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("things__pdf", "", "things.pdf: the name must end in .x12, .txt or .html"),
        ("README", "", "README: the name must end in .x12, .txt or .html"),
        ("nothing__txt", "", "nothing.txt: no row of api.nothing is served"),
        ("things__txt", "\n{% if %}", "things.txt:2: Expected an expression, got 'end of"),
        ("things__txt", "\n{{ note | money }}", "things.txt:2: No filter named 'money'."),
        ("things__txt", "\n\n{{ nmae }}", "things.txt:3: things has no column nmae"),
        ("things__txt", "{{ range(9) }}", "things.txt:1: things has no column range"),
        ("things__txt", "\n{{ row.nmae }}", "things.txt:2: UndefinedError: 'dict object' has"),
        ("things__txt", "{{ shelf.__class__ }}", "things.txt:1: SecurityError: access to attr"),
        ("things__txt", "{{ 1.5 | float }}", "things.txt:1: No filter named 'float'."),
        ("things__txt", "\n{{ shelf + 1 }}", "things.txt:2: TypeError: can only concatenate"),
        ("things__txt", "{% include 'x' %}", "things.txt:1: TypeError: no loader for this"),
        (
            "things__html",
            "\n<title>{{ note }}</title>",
            "things.html:2: <title> must be the same for every row",
        ),
        (
            "things__html",
            "\n\n<STYLE>b{color:{{ note }}}</STYLE>",
            "things.html:3: <style> must be the same for every row",
        ),
    ],
)
def test_template_with_a_fault_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, fault: str
) -> None:
    config = Config(schema_dir=folder(tmp_path, **{name: text}))
    with pytest.raises(RefusedError) as refused:
        schema_templates.load(config, CATALOG)
    assert str(refused.value).startswith(f"s/representations/{fault}")


def test_all_templates_with_faults_are_named(tmp_path: Path) -> None:
    bad = folder(tmp_path, things__txt="{{ a }}{{ b }}", things__html="{{ c }}")
    with pytest.raises(TemplatesError) as refused:
        templates.check(templates.load(bad), CATALOG)
    assert len(str(refused.value).splitlines()) == 3
    (bad / FOLDER / "things.txt").write_bytes(b"\xff")
    with pytest.raises(RefusedError, match="can't be read as UTF-8: UnicodeDecodeError"):
        schema_templates.offered(Config(schema_dir=bad), ())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("\n{{ note[:4] }}", "2: TypeError: 'NoneType' object is not subscriptable"),
        ("{{ tags[0] }}", "1: UndefinedError: list object has no element 0"),
    ],
)
def test_template_that_fails_where_the_row_has_nothing_is_refused(
    tmp_path: Path, text: str, fault: str
) -> None:
    made = one(tmp_path, "things__txt", text)
    full = replace(THINGS, columns=tuple(replace(c, nullable=False) for c in THINGS.columns))
    with pytest.raises(TemplatesError, match=re.escape(f"things.txt:{fault}")):
        templates.check([made], CATALOG)
    if "tags" not in text:  # which may be empty
        templates.check([made], replace(CATALOG, relations=(full,)))


def test_trial_rows_are_the_example_and_two_with_nothing_in_them() -> None:
    example, empty, hollow = trial_rows.rows(THINGS)
    assert example.keys() == empty.keys() == {column.name for column in THINGS.columns}
    assert (example["note"], empty["note"], hollow["note"]) == ("text", None, "text")
    assert (empty["place"], empty["tags"], empty["more"]) == (example["place"], [], None)


def test_object_is_tried_with_nothing_in_it() -> None:
    sizes = Type("_int4", "integer[]", "a", part=INTEGER)
    fields = (column("name", TEXT), column("sizes", sizes))
    part = Type("part", "stock.part", "c", fields=fields)
    parts = Type("_part", "stock.part[]", "a", part=part)
    columns = (*THINGS.columns, column("part", part), column("parts", parts))
    example, empty, hollow = trial_rows.rows(replace(THINGS, columns=columns))
    whole = {"name": "text", "sizes": [1]}
    assert (example["part"], example["parts"]) == (whole, [whole])
    assert (empty["part"], empty["parts"]) == (None, [])
    nothing: dict[str, Any] = {"name": None, "sizes": []}
    assert (hollow["part"], hollow["parts"]) == (nothing, [nothing])


def without(catalog: Catalog, name: str) -> Catalog:
    """Take the right to read a column of the things away."""
    columns = tuple(
        replace(column, privileges=frozenset()) if column.name == name else column
        for column in THINGS.columns
    )
    return replace(catalog, relations=(replace(THINGS, columns=columns),))


@pytest.mark.parametrize(
    ("text", "is_served"),
    [
        ("{{ shelf }}", True),
        ("{{ note }}", False),
        ("{{ row.shelf }}", False),  # nobody can tell what it uses of the row
        ("Hello", True),
    ],
)
def test_role_that_may_not_read_a_column_has_no_template_that_uses_it(
    tmp_path: Path, text: str, *, is_served: bool
) -> None:
    made = one(tmp_path, "things__txt", text)
    (less,) = without(CATALOG, "note").relations
    assert made.serves(THINGS)
    assert made.serves(less) == is_served


def test_numbers_are_exact_and_null_is_printed_as_nothing(tmp_path: Path) -> None:
    text = "{{ a }} {{ b }} {{ c.items }} {{ c.keys() | list }} {{ ('0.10' | decimal) + b }}"
    text += " {{ row.d }}"
    made = one(tmp_path, "things__txt", text)
    row = '{"a": null, "b": 0.20, "c": {"items": [1]}, "d": "<b>"}'
    assert made.representation.render(Content(row)) == b" 0.20 [1] ['items'] 0.30 <b>"


def test_first_comment_describes_the_template(tmp_path: Path) -> None:
    made = one(tmp_path, "things__html", "{#- A card\n  of a patient. -#}\n<p>{{ shelf }}</p>\n")
    assert made.representation.form.description == "A card of a patient."
    assert made.representation.render(Content('{"shelf": "<"}')) == b"<p>&lt;</p>\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Zoë O\u2019Brien-Ünal", "ZOE O'BRIEN-UNAL"),
        ("a*b~c:d^e", "A B C D E"),
        ("  two\r\n\tlines  ", "TWO LINES"),
        ("Кузнецов", "KUZNETSOV"),
        ("x\0y`z", "X Y Z"),
        (None, ""),
        (12, "12"),
        (edi_text.Element("padded   "), "padded   "),
    ],
)
def test_element_has_only_characters_of_x12(value: object, expected: str) -> None:
    assert edi_text.element(value) == expected


async def test_much_is_rendered_in_few_threads() -> None:
    running, most, names = 0, 0, set[str]()
    lock = threading.Lock()
    together = threading.Barrier(2, timeout=60)

    def render(content: Content) -> bytes:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            names.add(threading.current_thread().name)
        if len(content.text) > 100:
            together.wait()
        with lock:
            running -= 1
        return content.text[:1].encode()

    made = Representation(Form("txt", "text/plain", ""), "text/plain", render)
    rendering = Rendering()
    assert await rendering.render(made, Content("x")) == b"x"
    assert names == {threading.current_thread().name}
    much = Content("y" * 2**20)
    done = await asyncio.gather(*(rendering.render(made, much) for _ in range(6)))
    assert (done, most) == ([b"y"] * 6, 2)
    assert names == {threading.current_thread().name, "rendering_0", "rendering_1"}
    rendering.close()
