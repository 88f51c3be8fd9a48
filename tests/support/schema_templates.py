"""The templates of the schema that a database has."""

from functools import lru_cache
from pathlib import Path

from api.catalog.relations import Catalog
from api.config import Config
from api.representations import templates
from api.representations.templates import Template
from tests.support.databases import SCHEMAS

_load = lru_cache(templates.load)


def of(catalog: Catalog, schema_dir: Path) -> tuple[Template, ...]:
    """Give those of a folder that a test has set; otherwise of the schema that made the catalog.

    A database that a test has changed may have none of their relations.
    """
    if schema_dir != Config().schema_dir:
        return templates.load(schema_dir)
    names = {relation.name for relation in catalog.relations}
    for folder in SCHEMAS.values():
        found = _load(folder)
        if found and {template.relation for template in found} <= names:
            return found
    return ()
