"""Invalid bodies, and the faults that the API names."""

from collections.abc import Mapping, Sequence

import httpx

from tests.support.problems import UNFIT_BODY, assert_problem

JSON = "application/json"
Faults = Sequence[tuple[str, str]]


async def post(
    client: httpx.AsyncClient, path: str, content: bytes | str, media: str = JSON
) -> httpx.Response:
    return await client.post(path, content=content, headers={"content-type": media})


async def check(
    client: httpx.AsyncClient, path: str, cases: Mapping[str, Faults], body: str = "{}"
) -> None:
    """Post each case, put into a body, and check the faults that are found."""
    for case, faults in cases.items():
        assert_problem(
            await post(client, path, body.replace("{}", case)),
            "invalid-content",
            UNFIT_BODY,
            *faults,
        )
