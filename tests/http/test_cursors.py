"""Cursors of lists: unreadable, and valid for the list and query that they came from only."""

import json
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from api.config import Config
from tests.support.databases import TestDatabase
from tests.support.pages import SEED, next_page
from tests.support.problems import MARK, UNFIT_QUERY, assert_problem
from tests.support.serving import Serve, serving
from tests.support.visits import UNKNOWN_ID, config

pytestmark = pytest.mark.unmeasured

NO_CURSOR = ("/after", "is not a cursor of this list with these filters and this order")


@pytest.fixture
def seeded(database: TestDatabase) -> TestDatabase:
    """Give a database with rows for many pages."""
    database.execute(SEED)
    return database


async def test_link_keeps_the_query_and_its_cursor_is_unreadable(
    serve: Serve, seeded: TestDatabase
) -> None:
    service = await serve(config(seeded))
    query = {
        "last_name.in": f'"O\'Neil & Sons, ""x"" %",{MARK}',
        "limit": "2",
        "order": "last_name",
    }
    response = await service.client.get("/patients", params=query)
    link = urlsplit(str(next_page(response)))
    assert link.path == "/patients"
    assert {
        name: values[0] for name, values in parse_qs(link.query).items() if name != "after"
    } == query
    ids = [row["id"] for row in response.json()]
    for cursor in [dict(parse_qsl(link.query))["after"]]:
        content = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        for secret in (MARK, "O'Neil", *ids, "last_name", "patients"):
            assert secret.encode() not in content
            assert secret not in cursor
        assert not {
            bytes.fromhex(i.replace("-", ""))
            for i in ids
            if bytes.fromhex(i.replace("-", "")) in content
        }
        with pytest.raises(
            (UnicodeDecodeError, json.JSONDecodeError)
        ):  # now and then it is UTF-16 by chance
            json.loads(content)


async def test_cursor_of_another_list_answers_400(serve: Serve, seeded: TestDatabase) -> None:
    ids = seeded.execute("SELECT CAST(id AS text) FROM billing.patient ORDER BY id LIMIT 2")
    service = await serve(config(seeded))

    async def after(url: str) -> str:
        link = next_page(await service.client.get(url))
        return dict(parse_qsl(urlsplit(str(link)).query))["after"]

    own = await after("/patients/?last_name.gte=A&limit=1")
    nested = await after(f"/patients/{ids[0][0]}/encounters/?limit=1")
    for url, cursor in {
        "/patients/?": own,
        "/patients/?last_name.gte=B&": own,
        "/patients/?last_name.gt=A&": own,
        "/patients/?last_name.gte=A&last_name.lt=Z&": own,
        "/patients/?last_name.gte=A&order=-last_name&": own,
        "/encounters/?": own,
        f"/encounters/?patient_id={ids[0][0]}&": nested,
        f"/patients/{ids[1][0]}/encounters/?": nested,
        f"/patients/{ids[0][0]}/encounters/?order=-date&": nested,
        f"/patients/{ids[0][0]}/superbills/?": nested,
    }.items():
        assert_problem(
            await service.client.get(f"{url}after={cursor}"),
            "invalid-query",
            UNFIT_QUERY,
            NO_CURSOR,
        )
    for same in (
        f"last_name.gte=A&limit=9&after={own}",
        f"after={own}&order=last_name&last_name.gte=A",
    ):
        assert (await service.client.get(f"/patients/?{same}")).status_code == 200


async def test_altered_cursor_answers_400(serve: Serve, seeded: TestDatabase) -> None:
    service = await serve(config(seeded))
    link = str(next_page(await service.client.get("/patients/?limit=1")))
    cursor = dict(parse_qsl(urlsplit(link).query))["after"]
    other = "ABCDEFGH"
    changed = [
        f"{cursor[:n]}{other[cursor[n] == 'A']}{cursor[n + 1 :]}"
        for n in range(0, len(cursor) - 1, 3)
    ]
    changed += [
        "",
        "x",
        "=",
        cursor[:-4],
        f"{cursor}AAAA",
        cursor[::-1],
        cursor.swapcase(),
        f"{cursor}!",
        "é",
        "\0",
    ]
    changed += [f" {cursor}", f"{cursor}\n", "A" * 4000, "WyIxIl0", '["1"]', UNKNOWN_ID]
    for one in changed:
        refused = await service.client.get("/patients/", params={"limit": "1", "after": one})
        assert_problem(refused, "invalid-query", UNFIT_QUERY, NO_CURSOR)
    assert (await service.client.get(link)).status_code == 200


@pytest.mark.parametrize("secret", ["", "shared"])
@pytest.mark.parametrize("password", ["", "secret"])
async def test_servers_with_the_same_secret_accept_the_same_cursors(
    serve: Serve, seeded: TestDatabase, secret: str, password: str
) -> None:
    """The URL is a secret where it has a password; without one, anybody could make cursors."""
    url = seeded.api_url.replace("@", f":{password}@" if password else "@", 1)
    shared = Config(database_url=url, connections=1, cursor_secret=secret)
    service = await serve(shared)
    async with serving(shared, found=service.catalog) as second:
        link = str(next_page(await service.client.get("/patients/?limit=1")))
        assert (await service.client.get(link)).status_code == 200
        answer = await second.client.get(link)
        if secret or password:
            assert (answer.status_code, answer.content) == (
                200,
                (await service.client.get(link)).content,
            )
        else:
            assert_problem(answer, "invalid-query", UNFIT_QUERY, NO_CURSOR)


async def test_servers_with_different_secrets_refuse_each_others_cursors(
    seeded: TestDatabase,
) -> None:
    urls = [seeded.api_url.replace("@", f":{password}@", 1) for password in ("one", "two")]
    pairs = [[Config(database_url=url, connections=1) for url in urls]]
    pairs.append(
        [Config(database_url=urls[0], connections=1, cursor_secret=secret) for secret in ("", "x")]
    )
    for one, other in pairs:
        async with serving(one) as first, serving(other, found=first.catalog) as second:
            link = str(next_page(await first.client.get("/patients/?limit=1")))
            assert_problem(await second.client.get(link), "invalid-query", UNFIT_QUERY, NO_CURSOR)
