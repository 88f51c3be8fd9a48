"""The page at /docs in a browser: complete in itself, and able to send a request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page

from tests.support import samples
from tests.support.browsers import chromium
from tests.support.databases import TestDatabase
from tests.support.issuers import issuer
from tests.support.serving import Serve, Serving, serving
from tests.support.visits import config


@dataclass(frozen=True, slots=True)
class Visit:
    """The page, where it is served, and everything that it asked for and complained about."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@asynccontextmanager
async def visit(server: Serving) -> AsyncIterator[Visit]:
    """Open the page in a browser that has never been used."""
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1280, "height": 1600})
        made = Visit(page, f"http://127.0.0.1:{server.port}")
        page.on("request", lambda request: made.requests.append(request.url))
        page.on("requestfailed", lambda request: made.complaints.append(request.url))
        page.on(
            "console", lambda message: made.complaints.append(f"{message.type}: {message.text}")
        )
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        await page.goto(f"{made.origin}/docs")
        await page.locator(".opblock-tag").first.wait_for()
        yield made


async def open_tag(page: Page, tag: str) -> Locator:
    """Open a tag, and give its operations."""
    heading = page.locator(f'.opblock-tag[data-tag="{tag}"]')
    await heading.click()
    blocks = page.locator(".opblock-tag-section", has=heading).locator(".opblock")
    await blocks.first.wait_for()
    return blocks


@samples.shares(0.1)  # of the tags: to open one is to draw the page again
@pytest.mark.needs("chromium")
@pytest.mark.costly
async def test_page_shows_each_operation_and_makes_no_other_requests(
    service: Serving, share: float
) -> None:
    async with visit(service) as v:
        document = (await service.client.get("/openapi.json")).json()
        documented: dict[str, list[tuple[str, str]]] = {}
        for path, item in document["paths"].items():
            for method in item.keys() - {"parameters"}:
                for tag in item[method]["tags"]:
                    documented.setdefault(tag, []).append((method.upper(), path))
        tags = [
            str(await heading.get_attribute("data-tag"))
            for heading in await v.page.locator(".opblock-tag").all()
        ]
        assert sorted(tags) == sorted(documented)
        for tag in samples.sample(tags, lambda tag: tag.partition(".")[0] == "reporting", share, 2):
            blocks = await open_tag(v.page, tag)
            methods = await blocks.locator(".opblock-summary-method").all_inner_texts()
            shown = await blocks.locator("[data-path]").evaluate_all(
                "found => found.map(one => one.dataset.path)"
            )
            assert sorted(zip(methods, shown, strict=True)) == sorted(documented[tag])
            # Close it: the page can't draw all at once.
            await v.page.locator(f'.opblock-tag[data-tag="{tag}"]').click()
        assert document["info"]["title"] in await v.page.locator(".info").inner_text()
        assert [
            url for url in v.requests if not url.startswith((f"{v.origin}/", "data:", "blob:"))
        ] == []
        assert v.complaints == []


@pytest.mark.needs("chromium")
@pytest.mark.costly
async def test_request_can_be_sent_from_the_page(
    only_patients: TestDatabase, serve: Serve, tmp_path: Path
) -> None:
    service = await serve(config(only_patients))
    async with visit(service) as v:
        patient = (
            await service.client.post(
                "/patients/", json={"first_name": "John", "last_name": "Oberly"}
            )
        ).json()
        await open_tag(v.page, "patients")
        block = v.page.locator(".opblock-get", has=v.page.locator('[data-path="/patients/"]'))
        await block.locator(".opblock-summary-control").click()
        await block.get_by_role("button", name="Execute").click()
        answer = block.locator(".live-responses-table")
        await answer.wait_for()
        assert await answer.locator(".response-col_status").last.inner_text() == "200"
        text = await answer.inner_text()
        assert all(f'"{name}": "{value}"' in text for name, value in patient.items())
        await v.page.screenshot(path=tmp_path / "docs.png")
        assert v.requests[-1].startswith(f"{v.origin}/patients/?")
        assert v.complaints == []


@pytest.mark.needs("chromium")
@pytest.mark.costly
async def test_page_shows_the_operations_of_the_token(
    only_patients: TestDatabase, tmp_path: Path
) -> None:
    async with issuer() as found:
        token = found.token(role="superbill_api")
        settings = found.config(database_url=only_patients.api_url, connections=2)
        async with serving(settings) as server, visit(server) as v:
            tags = v.page.locator(".opblock-tag")
            assert await tags.count() == 1  # the service's own operations
            await v.page.get_by_role("button", name="Authorize").first.click()
            dialog = v.page.locator(".modal-ux")
            await dialog.locator("input").fill(token)
            await dialog.locator("button.authorize").click()
            await v.page.locator('.opblock-tag[data-tag="patients"]').wait_for()
            await dialog.locator("button", has_text="Close").first.click()
            block = v.page.locator(".opblock-get", has=v.page.locator('[data-path="/patients/"]'))
            await open_tag(v.page, "patients")
            await block.locator(".opblock-summary-control").click()
            await block.get_by_role("button", name="Execute").click()
            answer = block.locator(".live-responses-table")
            await answer.wait_for()
            assert await answer.locator(".response-col_status").last.inner_text() == "200"
            await v.page.screenshot(path=tmp_path / "authorized.png")
            await v.page.locator(".auth-wrapper button.authorize").first.click()
            await dialog.locator("button", has_text="Logout").click()
            await v.page.locator('.opblock-tag[data-tag="patients"]').wait_for(state="detached")
            assert await tags.count() == 1
            assert v.complaints == []
