"""The login of the server: for which roles it may act, and what it must not be able to do."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUERY = Path(__file__).with_name("login.sql").read_text(encoding="utf-8")
# The tenant of the development identity, of a schema that has tenants.
TENANT = "SELECT identity.development_tenant()"
# Whether the tenant for which a session acts is on record.
TENANT_IS_KNOWN = "SELECT identity.tenant_is_known()"


@dataclass(frozen=True, slots=True)
class Login:
    """A login. `roles`: for which it may act, each with whether that role may use something.

    `faults`: why the server must not run with it; `has_tenants`: whether the schema has tenants.
    """

    name: str
    roles: Mapping[str, bool]
    faults: tuple[str, ...]
    has_tenants: bool


async def read(fetch: Callable[[str], Awaitable[Any]]) -> Login:
    """Read what the login of a session may do; `fetch` runs a query and returns its one value."""
    found = json.loads(await fetch(QUERY))
    return Login(found["name"], found["roles"], tuple(_faults(found)), found["has_tenants"])


def _faults(found: Mapping[str, Any]) -> Iterator[str]:
    name = found["name"]
    if found["superuser"]:
        yield f"{name} is a superuser"
    if found["bypassrls"]:
        yield f"{name} has BYPASSRLS"
    if found["uses"] and not (found["superuser"] or found["owns"]):
        yield f"{name} may use {found['uses']} without acting for anybody"
    if found["owns"]:
        yield f"{name} owns {', '.join(found['owns'])}"
