"""What is made of a catalog is made once: most tests serve one of two, and that takes 0.2 s each.

What is made is a value, which nobody changes. It is made again, as a server does at its start,
where another catalog is served, and where coverage is measured for the first time.
"""

import ast
import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sanic_routing import route, router, utils

from api.catalog import introspection
from api.catalog.relations import Catalog
from api.config import Config
from api.document import openapi
from api.endpoints import service
from api.http import health
from api.http.app import Application, create_app
from api.identity import DEVELOPMENT_ROLE
from api.operations import discovery
from api.operations.operation import Operation
from api.representations.templates import Template
from tests.support import measurement

_MOST = 8  # catalogs that are kept, one of each role: what is made of one takes megabytes


@dataclass(slots=True)
class _Kept:
    """A catalog; its operations, its documents by what they depend on, its servers' settings.

    What is made while coverage is measured is kept apart.
    """

    catalog: Catalog
    operations: dict[bool, tuple[Operation, ...]] = field(default_factory=dict)
    documents: dict[tuple[str, bool, bool, str, bool], dict[str, Any]] = field(default_factory=dict)
    parts: dict[tuple[str, bool], dict[str, Any]] = field(default_factory=dict)
    measured: set[Config] = field(default_factory=set)


# For each application Sanic writes its signals as Python and compiles that, in three steps.
router.ast = SimpleNamespace(  # type: ignore[assignment,attr-defined]  # what it uses of the module
    parse=lru_cache(_MOST)(ast.parse),
    unparse=lru_cache(_MOST)(ast.unparse),
    fix_missing_locations=lru_cache(_MOST)(ast.fix_missing_locations),
)
# It also splits the name of each six times.
_parts = lru_cache(4096)(utils.path_to_parts)
vars(router).update(path_to_parts=_parts)
vars(route).update(path_to_parts=_parts)
router.compile = lru_cache(_MOST)(compile)  # type: ignore[attr-defined]  # found before the one of Python

_kept: list[_Kept] = []  # the one that was used last comes last


@lru_cache(_MOST)
def catalog_of(text: str, version: str) -> Catalog:
    """Parse the answers to catalog.sql and version.sql."""
    return introspection.parse(json.loads(text), version)


def operations_of(catalog: Catalog) -> tuple[Operation, ...]:
    """Find a catalog's operations."""
    kept = _find(catalog).operations
    if measurement.is_on() not in kept:
        kept[measurement.is_on()] = discovery.build(catalog)
    return kept[measurement.is_on()]


def document_of(
    catalog: Catalog,
    operations: Sequence[Operation],
    server: str = "/",
    *,
    needs_credentials: bool = True,
    forms: openapi.Forms | None = None,
) -> dict[str, Any]:
    """Make the OpenAPI document of a catalog's own operations."""
    documents = _find(catalog).documents
    more = ",".join(f"{o.id}.{form.name}" for o, found in (forms or {}).items() for form in found)
    place = (server, bool(operations), needs_credentials, more, measurement.is_on())
    if place not in documents:
        documents[place] = openapi.build(
            catalog, operations, server, needs_credentials=needs_credentials, forms=forms
        )
    return documents[place]


def part_of(operation: Operation, operations: tuple[Operation, ...]) -> dict[str, Any]:
    """Make the part of the document that an operation's body needs."""
    several = (kept.parts for kept in _kept if operations in kept.operations.values())
    parts, key = next(several, {}), (operation.id, measurement.is_on())
    if key not in parts:
        parts[key] = openapi.of_body(operation, operations)
    return parts[key]


def application(
    config: Config,
    catalogs: Mapping[str, Catalog],
    migrations: Collection[str],
    tenant: str,
    templates: Sequence[Template] = (),
) -> Application:
    """Make the application; coverage is measured once for each catalog and these settings."""
    measured, settings = (
        _find(catalogs[DEVELOPMENT_ROLE]).measured,
        replace(config, database_url=""),
    )
    again = settings in measured
    if measurement.is_on():
        measured.add(settings)
    with measurement.unmeasured() if again else nullcontext():
        return create_app(config, catalogs, migrations, tenant, templates)


def _find(catalog: Catalog) -> _Kept:
    found = next((kept for kept in _kept if kept.catalog is catalog), None)
    if found:
        _kept.remove(found)
    _kept.append(found or _Kept(catalog))
    del _kept[:-_MOST]
    return _kept[-1]


# What the parts of a server are made with.
_openapi = SimpleNamespace(
    build=document_of, of_body=part_of, written=openapi.written, servers=openapi.servers
)
vars(service).update(discovery=SimpleNamespace(build=operations_of), openapi=_openapi)
vars(health).update(openapi=_openapi)
