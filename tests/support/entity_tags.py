"""For the tests of entity tags: what is there to be read, and its tags."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx

from api.operations import discovery, kinds
from api.operations.operation import Operation
from tests.support.sample_requests import known
from tests.support.serving import Serving

NEVER = '"00000000000000000000000000000000"'  # a tag that nothing has
CHANGED = "The content has another tag than `If-Match` names: it has changed since it was read."
NO_TAG = ("/headers/if-match", "names no tag of the content")


async def found(service: Serving, *of: kinds.Kind) -> list[tuple[Operation, str]]:
    """Give the operations of some kinds, each with the path of something that is there."""
    made = []
    for operation in discovery.build(service.catalog):
        if operation.relation.name == "audit_reads":
            continue  # they grow while they are read
        keys = known(operation)
        if operation.parameters and operation.kind in of:
            items = operation.path.rpartition("/")[0] + "/"
            row = (await service.client.get(items, params={"limit": "1"})).json()[0]
            keys |= {name: str(row[column.name]) for name, column in operation.keys}
        if operation.kind in of:
            named = {name: quote(keys[name], safe="") for name, _ in operation.keys}
            made.append((operation, operation.path.format_map(named)))
    return made


def tag_of(content: bytes) -> str:
    """Make the tag of an answer's bytes."""
    return f'"{sha256(content).hexdigest()[:32]}"'


async def tag(client: httpx.AsyncClient, path: str) -> str:
    """Read the tag of a row."""
    return str((await client.get(path)).headers["etag"])


async def ask(
    client: httpx.AsyncClient, method: str, path: str, headers: Mapping[str, str], **sent: Any
) -> httpx.Response:
    """Send a request with these header fields, and no others that are required."""
    return await client.request(method, path, headers=headers, extensions={"bare": True}, **sent)
