"""What the schema offers to a role, read once from databases that are copies of each other.

Postgres takes 0.1 s for catalog.sql, and most tests serve an unchanged copy of a template.
"""

from functools import partial

from databases import Database

from api.catalog import introspection, logins
from api.catalog.relations import Catalog
from api.catalog.text_settings import TEXT_SETTINGS
from api.database import connections
from api.database.connections import FAILURES
from api.identity import DEVELOPMENT_ROLE
from tests.support import compiled, databases

_MOST = 64
_MOST_CATALOGS = 8  # one of each role; one takes megabytes

# Tables of Postgres's own catalog that catalog.sql reads and version.sql does not, because what
# they hold of a schema is made and dropped with a row of another table, or is a sentence.
_TABLES = ("cast", "collation", "enum", "opclass", "operator")
_ROWS = " + ".join(
    f"(SELECT coalesce(sum(hashtextextended(t.oid || ' ' || t.xmin, 0)), 0)"
    f" FROM pg_catalog.pg_{table} AS t WHERE t.oid >= 16384)"
    for table in _TABLES
)
_SETTINGS = " || ".join(f"current_setting('{name}')" for name in TEXT_SETTINGS)
# A text that is another one where catalog.sql may answer something else.
KEY = f"""
    SELECT concat_ws(' ', ({introspection.VERSION}), {_ROWS}, {_SETTINGS}, current_user,
        (SELECT md5(string_agg(d::text, '' ORDER BY d::text)) FROM pg_catalog.pg_description AS d
            WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass),
        (SELECT md5(string_agg(r::text, '' ORDER BY r.oid)) FROM pg_catalog.pg_roles AS r))
"""

_read: dict[str, Catalog] = {}  # by the answer to KEY; that which was used last comes last
_of_templates: dict[tuple[str, str], Catalog] = {}  # by template and role
_tenants: dict[int, tuple[Catalog, str]] = {}  # by the address of a catalog: of what was read


async def read_catalog(url: str, role: str = DEVELOPMENT_ROLE) -> Catalog:
    """Read what the schema offers to a role."""
    template = databases.template_of(url)
    if (template, role) in _of_templates:
        return _of_templates[template, role]
    found = await _read_catalog(url, role)
    if template:
        _of_templates[template, role] = found
    return found


async def _read_catalog(url: str, role: str) -> Catalog:
    async with connections.connect(url, min_size=1, max_size=1) as database:
        found = await _catalog(role, database)
        if role == DEVELOPMENT_ROLE and id(found) not in _tenants:
            _tenants[id(found)] = found, await _read_tenant(database)
            if len(_tenants) > _MOST:
                del _tenants[next(iter(_tenants))]
        return found


async def read_again(database: Database) -> Catalog:
    """Read what the schema offers now, on a connection that is kept: that takes half the time."""
    fetch = partial(connections.fetch_as, DEVELOPMENT_ROLE, database)
    return await introspection.read(fetch)


async def tenant_of(found: Catalog, url: str) -> str:
    """Return the tenant of the development identity, without the database if it was read before.

    A test may lead to the database by a way that is about to break.
    """
    if id(found) in _tenants:
        return _tenants[id(found)][1]
    try:
        async with connections.connect(url, min_size=1, max_size=1) as database:
            return await _read_tenant(database)
    except FAILURES:
        return ""


async def _catalog(role: str, database: Database) -> Catalog:
    key = await connections.fetch_as(role, database, KEY)
    found = _read.pop(key, None)
    if found is None:
        version = await connections.fetch_as(role, database, introspection.VERSION)
        text = await connections.fetch_as(role, database, introspection.QUERY)
        found = compiled.catalog_of(text, version)
    _read[key] = found
    if len(_read) > _MOST_CATALOGS:
        del _read[next(iter(_read))]
    return found


async def _read_tenant(database: Database) -> str:
    if not (await logins.read(database.fetch_val)).has_tenants:
        return ""
    return str(await connections.fetch_as(DEVELOPMENT_ROLE, database, logins.TENANT))
