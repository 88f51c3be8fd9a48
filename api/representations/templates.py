"""The templates of a schema: `representations/{relation}.{html|txt|x12}`, beside its migrations.

A template gets the JSON of the relation's row: each column by its name, and the whole row as `row`.
Numbers with a point are Decimal, so that sums are exact. All templates are compiled and tried
before anything is served.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import TracebackType

from jinja2 import Template as Jinja
from jinja2 import TemplateSyntaxError, meta, nodes

from api.catalog.relations import Catalog, Relation, listed
from api.document.media_types import Form
from api.operations import discovery, kinds
from api.operations.operation import Operation
from api.representations import edi_segments, page_policy, trial_rows
from api.representations.representation import Content, RenderError, Representation
from api.representations.template_environment import ENVIRONMENTS

FOLDER = "representations"
ROW = "row"  # what a template calls the whole row, unless a column has this name
# By the ending, in the order of the offer: browsers, which accept all, get HTML anyway.
_FORMS = {
    "x12": Form("x12", "application/edi-x12", "The row as X12 (EDI)."),
    "txt": Form("txt", "text/plain", "The row as plain text."),
    "html": Form("html", "text/html", "The row as a page."),
}
_COMMENT = re.compile(r"\s*\{#-?\s*(.*?)\s*-?#\}", re.DOTALL)


class TemplatesError(Exception):
    """Templates have faults; the text has a line for each, with the place."""


@dataclass(frozen=True, slots=True)
class Template:
    """One that compiles: whose rows it shows, and how.

    `place`: its file; `uses`: the names that it uses, with the line where each stands first.
    """

    place: str
    relation: str
    uses: Mapping[str, int]
    representation: Representation

    def serves(self, relation: Relation) -> bool:
        """Return whether the role that has the relation may read all that the template uses."""
        if (relation.schema, relation.name) != ("api", self.relation):
            return False
        readable = _readable(relation)
        if ROW in self.uses and ROW not in readable and len(readable) < len(relation.columns):
            return False  # which of them it uses cannot be told
        return self.uses.keys() - {ROW} <= readable

    def faults(self, served: Mapping[str, Relation]) -> Iterator[str]:
        """Yield what is wrong with it for these relations, by their names."""
        relation = served.get(self.relation)
        if relation is None:
            yield f"{self.place}: no row of api.{self.relation} is served"
            return
        unknown = self.uses.keys() - _readable(relation) - {ROW}
        for name in sorted(unknown):
            yield f"{self.place}:{self.uses[name]}: {relation.name} has no column {name}"
        for row in () if unknown else trial_rows.rows(relation):
            try:
                self.representation.render(Content(json.dumps(row)))
            except RenderError as error:
                yield f"{error}: {error.__cause__}"
                return


def load(schema_dir: Path) -> tuple[Template, ...]:
    """Read and compile the templates of a schema's folder, in the order of the offer.

    Raises TemplatesError with all faults.
    """
    found, faults = list[Template](), list[str]()
    for path in sorted((schema_dir / FOLDER).glob("[!.]*")):
        try:
            found.append(_template(path, f"{schema_dir.name}/{FOLDER}/{path.name}"))
        except TemplatesError as error:
            faults.append(str(error))
    if faults:
        raise TemplatesError("\n".join(faults))
    order = [*_FORMS]
    return tuple(sorted(found, key=lambda each: order.index(each.representation.form.name)))


def check(templates: Iterable[Template], catalog: Catalog) -> None:
    """Try templates on the example of their relation, and on rows with nothing in them.

    `catalog`: what the schema offers to the role that may do everything. Raises TemplatesError with
    the faults of each.
    """
    served = {o.relation.name: o.relation for o in discovery.build(catalog) if o.kind is kinds.READ}
    faults = [fault for template in templates for fault in template.faults(served)]
    if faults:
        raise TemplatesError("\n".join(faults))


def of_operation(templates: Iterable[Template], operation: Operation) -> Iterator[Representation]:
    """Yield the representations of an operation that are made by templates."""
    if operation.kind is kinds.READ:
        for template in templates:
            if template.serves(operation.relation):
                yield template.representation


def _readable(relation: Relation) -> frozenset[str]:
    return frozenset(column.name for column in relation.allowed("select"))


def _template(path: Path, place: str) -> Template:
    """Read and compile one; raises TemplatesError with its first fault."""
    relation, _, ending = path.name.rpartition(".")
    if ending not in _FORMS:
        message = f"{place}: the name must end in {listed([f'.{each}' for each in _FORMS], 'or')}"
        raise TemplatesError(message)
    try:
        text = path.read_text(encoding="utf-8")
        tree = ENVIRONMENTS[ending].parse(text)
        uses = _used(tree)
        made = _representation(text, tree, ending, place)
    except TemplateSyntaxError as error:
        message = f"{place}:{error.lineno}: {error.message}"
        raise TemplatesError(message) from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"{place}: can't be read as UTF-8: {type(error).__name__}"
        raise TemplatesError(message) from None
    for line, element in page_policy.varying(text) if ending == "html" else ():
        message = f"{place}:{line}: <{element}> must be the same for every row"
        raise TemplatesError(message)
    return Template(place, relation, uses, made)


def _used(tree: nodes.Template) -> dict[str, int]:
    """Return the names that a template uses and does not define, with their first lines."""
    names = meta.find_undeclared_variables(tree)
    lines: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        if node.name in names:
            lines.setdefault(node.name, node.lineno)
    return lines


def _representation(source: str, tree: nodes.Template, ending: str, place: str) -> Representation:
    """Compile a template that is parsed."""
    environment = ENVIRONMENTS[ending]
    jinja = Jinja.from_code(environment, environment.compile(tree, place, place), {})

    def render(content: Content) -> bytes:
        try:
            row = json.loads(content.text, parse_float=Decimal)
            text = jinja.render({ROW: row, **row})
            return (edi_segments.finished(text) if ending == "x12" else text).encode()
        except Exception as error:
            line = _line(error.__traceback__, place)
            message = f"{place}:{line}: {type(error).__name__}"
            raise RenderError(message) from error

    form = _FORMS[ending]
    if comment := _COMMENT.match(source):
        form = replace(form, description=" ".join(comment[1].split()))
    headers = page_policy.headers(source) if ending == "html" else {}
    charset = "" if ending == "x12" else "; charset=utf-8"
    return Representation(form, form.media_type + charset, render, headers)


def _line(traceback: TracebackType | None, place: str) -> int:
    """Return the line of a template in which something was raised last; 0 where in none."""
    line = 0
    while traceback:
        if traceback.tb_frame.f_code.co_filename == place:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
