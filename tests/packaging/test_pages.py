"""Pages in Chromium: for keyboard and screen reader, in every width, in light, dark and print."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page

from api.config import ROOT
from api.operations import kinds
from api.operations.operation import Operation
from tests.support import compiled, samples
from tests.support.browsers import axe, barriers, chromium
from tests.support.sample_requests import INSERT_VISITS
from tests.support.serving import Serving, serving
from tests.support.visits import config

pytestmark = pytest.mark.needs("chromium")

WIDTHS = (390, 1280, 1920)
SCHEMES: Mapping[int, Literal["light", "dark"]] = {390: "dark", 1280: "light"}
LINKS = "found => found.map(one => one.getAttribute('href'))"
WIDER = "document.documentElement.scrollWidth - innerWidth"
SCROLLED = """() => {
    const table = document.querySelector('.scroll');
    table.scrollTo(0, 900);
    return [document.querySelector('th'), table].map(one => one.getBoundingClientRect().top);
}"""
PICTURE = ROOT / "openapi" / "report.png"
MOST = 60_000  # bytes of a picture


@dataclass(slots=True)
class Walk:
    """A browser that looks at pages, and the faults that it finds."""

    page: Page
    origin: str
    script: str
    faults: list[str] = field(default_factory=list)
    seen: int = 0

    async def look(self, path: str) -> list[str]:
        """Look at a page; give where the links of its first row lead."""
        answer = await self.page.goto(self.origin + path)
        assert answer is not None
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        found = []
        for width in WIDTHS:
            await self.page.set_viewport_size({"width": width, "height": 900})
            if (wider := await self.page.evaluate(WIDER)) > 0:
                found.append(f"{wider} wider than {width}")
            if width in SCHEMES:
                await self.page.emulate_media(color_scheme=SCHEMES[width])
                found += await barriers(self.page, self.script)
        self.faults += [f"{path}: {fault}" for fault in found]
        self.seen += 1
        links: list[str] = await self.page.eval_on_selector_all("tbody tr:first-child a", LINKS)
        return links


async def walk(server: Serving, operations: Sequence[Operation]) -> Walk:
    """Look at lists and reports, at an item of each list, at the start and at problems."""
    script = axe()
    async with chromium() as browser:
        made = Walk(await browser.new_page(), f"http://127.0.0.1:{server.port}", script)
        said: list[str] = []
        made.page.on("console", lambda message: said.append(message.text))
        made.page.on("pageerror", lambda error: said.append(str(error)))
        items = []
        for operation in operations:
            if operation.kind is kinds.LIST:
                items += (await made.look(f"{operation.path}?limit=3"))[:1]
            else:
                await made.look(operation.path)
        for path in ("/", *items):
            await made.look(path)
        assert said == []  # a browser complains of what the policy refuses
        for path in ("/nothing", f"{operations[0].path}?nonsense=1"):
            await made.look(path)
    return made


@samples.SAMPLED
@pytest.mark.parametrize("schema", ["billing", "menagerie"])
@pytest.mark.costly
async def test_axe_finds_nothing_on_a_page(
    schema: str, share: float, request: pytest.FixtureRequest
) -> None:
    database: Any = request.getfixturevalue("database" if schema == "billing" else schema)
    if schema == "billing":
        database.execute(INSERT_VISITS)
    async with serving(config(database)) as server:
        shown = [
            operation
            for operation in compiled.operations_of(server.catalog)
            if operation.kind in (kinds.LIST, kinds.REPORT) and not operation.parents
        ]
        chosen = samples.sample(shown, lambda operation: operation.kind.name, share)
        made = await walk(server, chosen)
    assert made.faults == []
    assert made.seen >= len(chosen) + 3


@pytest.mark.costly
async def test_page_is_used_by_keyboard_and_printed(service: Serving) -> None:
    rows = [{"first_name": f"Ada {n}", "last_name": "Byron"} for n in range(60)]
    await service.client.post("/patients/", json=rows)
    patients = f"http://127.0.0.1:{service.port}/patients/"
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(patients)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Skip to content"
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.name") == "last_name.search"
        await page.keyboard.type("byr")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{patients}?last_name.search=byr")
        assert await page.locator("tbody tr").count() == 60
        heads, table = await page.evaluate(SCROLLED)
        assert 0 <= heads - table <= 1  # the heads stay in sight
        await page.emulate_media(media="print")
        assert not await page.is_visible("form")
        assert await page.is_visible("tbody tr:last-child")
        assert (await page.pdf(format="Letter")).startswith(b"%PDF")
        await page.click("tbody a")
        await page.wait_for_url(lambda url: "?" not in url)
        assert await page.locator("form").count() == 1
        assert not await page.is_visible("form")


async def test_readme_shows_a_small_picture_of_a_report(service: Serving, tmp_path: Path) -> None:
    """`UPDATE_SNAPSHOT=1` makes that of README again: fonts differ from machine to machine."""
    client, whole = service.client, {"prefer": "return=representation"}
    names = [{"first_name": "Ada", "last_name": f"Byron {n}"} for n in range(9)]
    patients = (await client.post("/patients/", json=names, headers=whole)).json()
    visits = [
        {
            "patient_id": patients[(number * 11) % (3 + month // 2)]["id"],
            "date": f"2025-{month:02}-09",
        }
        for month, many in enumerate((4, 6, 5, 9, 7, 8, 12, 10, 9, 13, 12, 15), 1)
        for number in range(many)
    ]
    encounters = (await client.post("/encounters/", json=visits, headers=whole)).json()
    lines = [
        {"encounter_id": one["id"], "cpt_code": "G0438", "units": 1 + number % 3}
        for number, one in enumerate(encounters)
    ]
    assert (await client.post("/line_items/", json=lines)).status_code == 201
    place = PICTURE if os.environ.get("UPDATE_SNAPSHOT") else tmp_path / PICTURE.name
    async with chromium("--disable-lcd-text") as browser:
        size: Any = {"width": 960, "height": 650}
        page = await browser.new_page(viewport=size, device_scale_factor=0.85)
        await page.goto(f"http://127.0.0.1:{service.port}/reporting/monthly_activity/")
        assert await page.locator("svg").count() == 4
        await page.screenshot(path=place)
    assert place.stat().st_size < MOST
    assert PICTURE.stat().st_size < MOST
    assert f"]({PICTURE.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
