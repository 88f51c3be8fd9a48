"""A client that compares every response with the OpenAPI document of its server."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote
from uuid import uuid4

import httpx
from jsonschema_rs import Draft202012Validator

from api.catalog.relations import Catalog, Relation
from api.catalog.view_lines import KEY
from api.document import openapi
from api.document.media_types import CSV, HTML, JSON, NDJSON
from api.document.openapi import Forms
from api.document.parameters import DEFAULT_LIMIT
from api.endpoints.location import NO_SEGMENTS
from api.operations import nested_bodies
from api.operations.identifiers import identifier, in_path
from api.problem import KINDS, MEDIA_TYPE
from api.representations import offers
from api.representations.templates import Template
from tests.support import compiled
from tests.support.documents import followed

# For people, and for machines that know it: not in the document.
PAGES = re.compile("/|/docs(/.*)?|/metrics/?")
# What Sanic, or HTTP itself, refuses at a path that there is not.
NOWHERE = {400, 401, 403, 404, 405, 408, 413, 417, 503}
# Rows that hold what only psql can write (tests/menagerie/README.md): Infinity, years BC, a second
# dimension.
ONLY_IN_PSQL = {f"00000000-0000-7000-8000-000000000{number}" for number in (401, 403)}
_NUMBERS = {"created", "changed", "ignored", "deleted"}  # in the answer to many rows
_NEEDED = {"If-Match": "*", KEY: "", "Prefer": "max-affected=1000"}
_HEADERS = {"allow", "etag", "link", "location", "retry-after"}


# What any path may answer. It is made once: validators are kept by the ids of their schemas.
_REFUSAL = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/problem"}}}}


class NotDocumentedError(AssertionError):
    """An answer that the document does not have."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a document says of a path, and the part of the document to which that refers."""

    document: dict[str, Any]
    item: Mapping[str, Any] = field(default_factory=dict)

    def operation(self, method: str) -> Mapping[str, Any] | None:
        """Return the operation of a method; None where there is none."""
        return self.item.get("get" if method == "HEAD" else method.lower())


class Document:
    """A server's document, made and compiled path by path, as far as answers need it."""

    def __init__(self, catalog: Catalog, forms: Forms | None = None) -> None:
        """Prepare the document of a catalog."""
        self._catalog, self._forms = catalog, forms
        self._operations = compiled.operations_of(catalog)
        self._relations = {operation.id: operation.relation for operation in self._operations}
        self._own = openapi.build(catalog, ())  # the service's own paths
        paths = (*(operation.path for operation in self._operations), *self._own["paths"])
        self._paths: dict[tuple[int, str], list[tuple[list[str], str]]] = {}
        for path in dict.fromkeys(paths):
            steps = path.strip("/").split("/")
            self._paths.setdefault(_shape(steps), []).append((steps, path))
        self._places: dict[str, Place] = {}
        self._validators: dict[int, Draft202012Validator] = {}

    def check(self, response: httpx.Response, content: bytes | None) -> None:
        """Compare a response with the document; `content` is None if the body is not read here."""
        faults = list(self._faults(response, content))
        if faults:
            request = response.request
            told = (
                f"{request.method} {request.url.raw_path.decode()} {response.status_code}:"
                f" {'; '.join(faults)}"
            )
            raise NotDocumentedError(told)

    def required_headers(self, method: str, path: str) -> dict[str, str]:
        """Return the header fields that an operation needs, with a value that always will do."""
        place = self.find(path)
        operation = place.operation(method) or {}
        fields = [followed(place.document, one) for one in operation.get("parameters", ())]
        needed = {f["name"] for f in fields if f["in"] == "header" and f.get("required")}
        if method == "PUT" and "428" in operation.get("responses", ()):
            needed.add("If-Match")  # to replace what is there
        return {name: _NEEDED[name] for name in sorted(needed)}

    def find(self, path: str) -> Place:
        """Return what the document says of the path of a request."""
        steps = path.rstrip("/").split("/")[1:]
        for template, known_path in self._paths.get(_shape(steps), ()):
            if all(
                known.startswith("{") or unquote(known) == unquote(step)
                for known, step in zip(template, steps, strict=True)
            ):
                return self.at(known_path)
        return Place(self._own)

    def at(self, path: str) -> Place:
        """Return what the document says of one of its own paths."""
        if path not in self._places:
            here = [operation for operation in self._operations if operation.path == path]
            all_ = nested_bodies.with_nested(here, self._operations)
            made = openapi.build(self._catalog, all_, forms=self._forms) if here else self._own
            self._places[path] = Place(made, made["paths"][path])
        return self._places[path]

    def _faults(self, response: httpx.Response, content: bytes | None) -> Iterator[str]:
        method, path = (
            response.request.method,
            response.request.url.raw_path.decode().partition("?")[0],
        )
        place = self.find(path)
        item, operation = place.item, place.operation(method)
        status = response.status_code
        if is_for_people(response):
            return
        if not item and PAGES.fullmatch(path) and status not in NOWHERE:
            return
        if (
            method == "OPTIONS"
            and status == 204
            and "access-control-request-method" in response.request.headers
        ):
            return  # a preflight is the browser's own
        if operation is None:
            if status not in NOWHERE or (item and status == 404):
                yield "nothing is documented here"
            said: Any = _REFUSAL
        else:
            said = operation["responses"].get(str(status))
        if said is None:
            yield "the status is not documented"
            return
        said = followed(place.document, said)
        yield from self._content(response, content, said.get("content", {}), place)
        yield from self._headers(response, content, said.get("headers", {}), place)

    def _content(
        self,
        response: httpx.Response,
        content: bytes | None,
        said: Mapping[str, Any],
        place: Place,
    ) -> Iterator[str]:
        media = response.headers.get("content-type")
        if not said:
            if media is not None or content:
                yield "a body is not documented"
        elif media not in said and (media or "").partition("; charset=")[0] not in said:
            yield f"{media} is not documented"
        elif (
            content is not None
            and response.request.method != "HEAD"
            and "json" in media.partition("ndjson")[0]
        ):
            value = json.loads(content, parse_constant=_not_json)
            for fault in self._validator(said[media]["schema"], place).iter_errors(value):
                if _holder(value, fault.instance_path).get("id") not in ONLY_IN_PSQL:
                    yield f"{list(fault.instance_path)} {fault.message}"
            if media == MEDIA_TYPE:
                known = KINDS.get(str(value.get("type")).removeprefix("urn:problem-type:"))
                if (
                    known != (response.status_code, value.get("title"))
                    or value.get("status") != response.status_code
                ):
                    yield "the problem is one of another status"

    def _validator(self, schema: Mapping[str, Any], place: Place) -> Draft202012Validator:
        if id(schema) not in self._validators:
            whole = {**schema, "components": {"schemas": place.document["components"]["schemas"]}}
            self._validators[id(schema)] = Draft202012Validator(whole, validate_formats=True)
        return self._validators[id(schema)]

    def _headers(
        self,
        response: httpx.Response,
        content: bytes | None,
        said: Mapping[str, Any],
        place: Place,
    ) -> Iterator[str]:
        status, given = response.status_code, _HEADERS & response.headers.keys()
        # 405 is what a path says of methods that it does not have, so no operation can document it.
        unknown = given - {name.lower() for name in said} - ({"allow"} if status == 405 else set())
        if unknown:
            yield f"{sorted(unknown)} is not documented"
        # With a token, the methods are those of its role, which may have another document.
        if status == 405 and place.item and "authorization" not in response.request.headers:
            methods = {name.upper() for name in place.item} - {"PARAMETERS"}
            allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
            if response.headers.get("allow") != allowed:
                yield f"Allow is not {allowed}"
        if content is None or response.request.method == "HEAD":
            return
        if status == 503 and ("retry-after" in given) != (
            b'"urn:problem-type:unavailable"' in content or KEY in response.request.headers
        ):
            yield "Retry-After belongs to what was not done, or is done once, and to nothing else"
        if "Location" in said:
            operation: Any = place.operation(response.request.method)
            yield from self._location(response, content, self._relations[operation["operationId"]])
        if "link" in given and status != 304:
            yield from _link(response, content)
        if status != 304 and "ETag" in said and ("etag" in given) != _has_tag(response):
            yield "ETag belongs to content in one piece that is no number of new rows"

    def _location(
        self, response: httpx.Response, content: bytes, relation: Relation
    ) -> Iterator[str]:
        where, row, item = (
            response.headers.get("location"),
            json.loads(content),
            f"{identifier(in_path(relation.name))}.read",
        )
        many = isinstance(row, list) or _counts(row)
        nowhere = item not in self._relations or many
        nowhere = nowhere or ",".join(str(row[name]) for name in relation.key) in NO_SEGMENTS
        if (where is None) != nowhere:
            yield "Location belongs to one new row that can be read"
        if (
            where is not None
            and (self.find(where).operation("GET") or {}).get("operationId") != item
        ):
            yield f"Location leads to {where}"


def is_for_people(response: httpx.Response) -> bool:
    """Tell whether a browser is sent on, or shown a problem as a page: it needs no document."""
    is_page = response.headers.get("content-type", "").startswith(HTML)
    wants_page = HTML in response.request.headers.get("accept", "")
    return (
        is_page
        and (wants_page or "format=html" in str(response.request.url))
        and (response.status_code == 303 or response.is_error)
    )


def _counts(row: Mapping[str, Any]) -> bool:
    """Tell whether an answer is the number of rows."""
    return "created" in row and row.keys() <= _NUMBERS


def _has_tag(response: httpx.Response) -> bool:
    media, method = response.headers.get("content-type"), response.request.method
    many = method == "POST" and (
        "preference-applied" in response.headers or _counts(response.json())
    )
    is_streamed = "content-length" not in response.headers
    rows = (media or "").startswith((CSV, NDJSON))
    return bool(response.is_success and not rows and not many and not is_streamed)


def _shape(steps: Sequence[str]) -> tuple[int, str]:
    """Return what is alike of all paths that a request may mean: a path begins with a name."""
    return len(steps), unquote(steps[0], errors="replace") if steps else ""


def _link(response: httpx.Response, content: bytes) -> Iterator[str]:
    url = response.request.url
    limit = int(parse_qs(url.query.decode()).get("limit", [str(DEFAULT_LIMIT)])[0])
    path, link = url.raw_path.decode().partition("?")[0], response.headers["link"]
    target = re.fullmatch(r'<([^?>]*)\?[^>]*\bafter=[\w-]+>; rel="next"', link)
    if not target or unquote(target[1]) != unquote(path):
        yield f"Link is {link}"
    if response.headers["content-type"] == JSON and len(json.loads(content)) != limit:
        yield "Link leads on from a page that is not full"


def _holder(value: Any, path: list[str | int]) -> dict[str, Any]:
    """Give the row in which a fault is."""
    row = value[path[0]] if path and isinstance(path[0], int) and isinstance(value, list) else value
    return row if isinstance(row, dict) else {}


def _not_json(constant: str) -> None:
    raise NotDocumentedError(constant)


_MOST_DOCUMENTS = 8  # that are kept
# By the address of the catalog, and the forms of its rows.
_documents: dict[tuple[int, str], tuple[Catalog, Document]] = {}


def document_of(catalog: Catalog, templates: Sequence[Template] = ()) -> Document:
    """Give the document of a catalog; consecutive tests mostly serve the same one."""
    forms = offers.forms(offers.build(compiled.operations_of(catalog), templates))
    names = [f"{o.id}.{form.name}" for o, offered in forms.items() for form in offered]
    key = id(catalog), " ".join(names)
    if key not in _documents:
        if len(_documents) == _MOST_DOCUMENTS:
            del _documents[next(iter(_documents))]
        _documents[key] = catalog, Document(catalog, forms)
    return _documents[key][1]


class Client(httpx.AsyncClient):
    """A client that takes no answer which the document does not have.

    It sends what the document requires, unless a request has the extension `bare`.
    """

    def __init__(self, document: Document, **settings: Any) -> None:
        """Hold answers against this document."""
        super().__init__(**settings)
        self._document = document

    async def send(
        self, request: httpx.Request, *, stream: bool = False, **settings: Any
    ) -> httpx.Response:
        """Send a request, and check what answers it."""
        if "bare" not in request.extensions:
            path = request.url.raw_path.decode().partition("?")[0]
            needed = self._document.required_headers(request.method, path)
            for name, value in needed.items() if "if-none-match" not in request.headers else ():
                # Each request is another one, unless the test says otherwise.
                request.headers.setdefault(name, str(uuid4()) if name == KEY else value)
        response = await super().send(request, stream=stream, **settings)
        self._document.check(response, None if stream else response.content)
        return response
