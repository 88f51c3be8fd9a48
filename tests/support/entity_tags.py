"""For the tests of entity tags: what is there to be read, and its tags."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx

from api.operations import kinds
from api.operations.operation import Operation
from tests.support import compiled, samples
from tests.support.sample_requests import known
from tests.support.serving import Serving

NEVER = '"00000000000000000000000000000000"'  # a tag that nothing has
CHANGED = "The content has another tag than `If-Match` names: it has changed since it was read."
NO_TAG = ("/headers/if-match", "names no tag of the content")


async def found(service: Serving, *of: kinds.Kind, share: float = 1) -> list[tuple[Operation, str]]:
    """Give operations of some kinds, each with the path of something that is there.

    `share`: that of each kind of operation.
    """
    made = []
    every = (
        operation
        for operation in compiled.operations_of(service.catalog)
        # These grow while they are read.
        if operation.kind in of and operation.relation.name != "audit_reads"
    )
    for operation in samples.sample(every, samples.kind_of_operation, share):
        keys = known(operation)
        if operation.parameters:
            items = operation.path.rpartition("/")[0] + "/"
            row = (await service.client.get(items, params={"limit": "1"})).json()[0]
            keys |= {name: str(row[column.name]) for name, column in operation.keys}
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
