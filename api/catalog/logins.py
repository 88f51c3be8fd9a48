"""The login of the server: for which roles it may act, and what it must not be able to do."""

import json
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
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


def excess(role: Mapping[str, Any], owned: Collection[str]) -> Iterator[str]:
    """Yield what a role has beside grants; `owned`: the names of its relations."""
    name = role["name"]
    if role["superuser"]:
        yield f"{name} is a superuser"
    if role["bypassrls"]:
        yield f"{name} has BYPASSRLS"
    if owned and not role["superuser"]:
        yield f"{name} owns {', '.join(owned)}"


def _faults(found: Mapping[str, Any]) -> Iterator[str]:
    if found["uses"] and not (found["superuser"] or found["owns"]):
        yield f"{found['name']} may use {found['uses']} without acting for anybody"
    yield from excess(found, found["owns"])
