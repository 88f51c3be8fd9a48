"""Pages of other sites: what they send with a person's cookies writes nothing."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.browsers import chromium
from tests.support.databases import TestDatabase
from tests.support.fingerprints import unchanged
from tests.support.serving import serving
from tests.support.visits import bill_visit, config

pytestmark = [pytest.mark.unmeasured, pytest.mark.needs("chromium")]

# A form can send three media types, none of which is a body here. The name of the field makes the
# text of it a JSON object.
FORMS = """
<!doctype html><title>Another site</title>
<iframe name="out"></iframe>
{forms}
"""
FORM = """
<form method="{method}" action="{url}" enctype="{media}" target="out">
<input name='{{"first_name": "Ada", "last_name": "' value='"}}'><button>{number}</button></form>
"""
MEDIA = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
# Each is sent without a preflight, or not at all.
FETCH = """async ([url, method, mode, media]) => {
    const headers = media ? {"content-type": media} : {};
    const options = {method, mode, headers, credentials: "include"};
    if (method !== "DELETE") options.body = '{"first_name": "Ada", "last_name": "Byron"}';
    try { return (await fetch(url, options)).type; } catch (error) { return error.name; }
}"""
BEACON = "([url, text]) => navigator.sendBeacon(url, text)"


@asynccontextmanager
async def site(content: str) -> AsyncIterator[str]:
    """Serve a page; give its origin."""
    body = content.encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\n\r\n"

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.costly
async def test_page_of_another_site_writes_nothing(database: TestDatabase) -> None:
    """Whoever reaches this server acts by the development identity, as behind a proxy's cookie."""
    async with serving(config(database)) as s:
        v = await bill_visit(s.client)
        api = f"http://127.0.0.1:{s.port}"
        targets = [
            ("post", f"{api}/patients/"),
            ("post", f"{api}/patients/{v.patient}/encounters/"),
        ]
        forms = [FORM.format(method=m, url=u, media=e, number=0) for m, u in targets for e in MEDIA]
        async with site(FORMS.format(forms="".join(forms))) as origin, chromium() as browser:
            context = await browser.new_context()
            await context.add_cookies([{"name": "session", "value": "1", "url": api}])
            page = await context.new_page()
            await page.goto(origin)
            statuses = []
            with unchanged(database):
                for number in range(len(forms)):
                    async with page.expect_response(f"{api}/**") as sent:
                        await page.locator("button").nth(number).click()
                    statuses.append((await sent.value).status)
                for method in ("POST", "PATCH", "DELETE"):
                    for media in ("text/plain", "application/json", ""):
                        for mode in ("no-cors", "cors"):
                            url = f"{api}/patients/{'' if method == 'POST' else v.patient}"
                            found = await page.evaluate(FETCH, [url, method, mode, media])
                            assert found in ("opaque", "TypeError"), (method, media, mode)
                for text in ('{"first_name": "Ada", "last_name": "Byron"}', ""):
                    await page.evaluate(BEACON, [f"{api}/patients/", text])
                await page.goto(f"{api}/patients/{v.patient}")  # comes after what was sent before
            assert statuses == [415] * len(forms)
            assert "John" in await page.inner_text("h1")
