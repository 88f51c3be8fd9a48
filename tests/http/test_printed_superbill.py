"""The superbill as a page: printed by a browser, on screen, and in README."""

import json
import os
import re
from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from playwright.async_api import Browser, Page
from pypdf import PdfReader

from api.config import ROOT
from api.representations import templates
from api.representations.representation import Content
from tests.support import full_bills, superbill_rows
from tests.support.browsers import axe, barriers, chromium
from tests.support.serving import Serving

pytestmark = pytest.mark.unmeasured

PICTURE = ROOT / "openapi" / "superbill.png"
SIZES = {"Letter": (612, 792), "A4": (595, 842)}  # points
# What insurers ask for, beside the lines.
SAID = (
    "Example Family Medicine",
    "1 Main Street, Suite 200",
    "Seattle, WA 98101-0001 · (206) 555-0100",
    "NPI 1234567893 · Tax ID (EIN) 91-1234567",
    "Ada Ångström & <Byron>",
    "05/05/1950",
    "Female",
    "2 Elm Street",
    "Seattle, WA 98101",
    "(206) 555-0111",
    "MRN-001",
    "Medicare (00882)",
    "1EG4TE5MK73",
    "998877",
    "Child of Ann Lovelace, born",
    "01/31/1928",
    "03/01/2024",
    "11 · Office",
    "Zoë Kim-Ünal, MD",
    "1679576722",
    "WA MD00012345",
    "E11.9",
    "M25.561",
    "Provider\u2019s signature",
    "Patient\u2019s signature",
)


def page_of(row: Mapping[str, Any]) -> str:
    """Render a superbill without a server."""
    (own,) = (t for t in templates.load(ROOT / "schema") if t.relation == "superbills")
    return own.representation.render(Content(json.dumps(row))).decode()


async def printed(page: Page, size: str) -> list[str]:
    """Print a page to PDF; give the text of each sheet."""
    reader = PdfReader(BytesIO(await page.pdf(format=size, print_background=True)))
    for sheet in reader.pages:
        found = sheet.mediabox.width, sheet.mediabox.height
        assert all(abs(a - b) < 2 for a, b in zip(found, SIZES[size], strict=True))
    return [sheet.extract_text() for sheet in reader.pages]


def lines_of(sheet: str) -> list[str]:
    """Give the lines of the bill, which may have several lines of text."""
    service = r"^03/01/2024 ([A-Z]\d{4} .*?\$[\d,.]+)$"
    return re.findall(service, sheet, re.MULTILINE | re.DOTALL)


@pytest.mark.needs("chromium")
@pytest.mark.costly
async def test_bill_is_printed_on_one_sheet_up_to_12_lines_and_broken_between_lines_after_that(
    service: Serving,
) -> None:
    ids = await full_bills.practice(service.client)
    faults: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page()
        page.on("console", lambda message: faults.append(message.text))
        for lines, sheets in ((1, 1), (12, 1), (30, 2)):
            encounter = await full_bills.bill(service.client, ids, lines)
            row = (await service.client.get(f"/superbills/{encounter}")).json()
            await page.goto(f"http://127.0.0.1:{service.port}/superbills/{encounter}")
            assert await page.title() == "Superbill"
            for size in SIZES:
                texts = await printed(page, size)
                assert len(texts) == sheets, (lines, size)
                _assert_complete(row, texts)
    assert faults == []  # the policy has blocked nothing


def _assert_complete(row: Mapping[str, Any], texts: list[str]) -> None:
    """Compare the sheets with the row: all that it says, each line once, the head on each sheet."""
    whole = "\n".join(texts)
    assert [part for part in SAID if part not in texts[0] + texts[-1]] == []
    found = [line for text in texts for line in lines_of(text)]
    assert len(found) == len(row["line_items"])
    for line, item in zip(found, row["line_items"], strict=True):
        assert line.startswith(item["cpt_code"])
        assert line.endswith(f"{item['units']} ${Decimal(item['charge']):,.2f}")
        assert all(modifier in line for modifier in item["modifiers"])
    for number, text in enumerate(texts, 1):
        assert "Modifiers" in text
        assert f"Page {number} of {len(texts)}" in text
    for name, amount in row["totals"].items():
        assert f"${Decimal(amount):,.2f}" in texts[-1], name
    # The end does not stand alone on its sheet.
    assert len(lines_of(texts[-1])) >= min(3, len(found))
    assert "Draft" not in whole


@pytest.mark.needs("chromium")
async def test_longest_texts_of_12_lines_fit_on_one_sheet() -> None:
    row = superbill_rows.row(12, 12)
    for line in row["line_items"]:
        line["cpt_code_description"] = "What was done, in the words of those who list codes. " * 24
        line |= {"modifiers": ["25", "59", "LT", "XU"], "diagnosis_pointers": [1, 2, 3, 4]}
    for diagnosis in row["diagnoses"]:
        diagnosis["diagnosis_code_description"] = "What was found, for the first time. " * 7
    row["coverages"] = [{**row["coverages"][0], "priority": each} for each in "PS"]
    async with chromium() as browser:
        page = await browser.new_page()
        await page.set_content(page_of(row))
        for size in SIZES:
            (text,) = await printed(page, size)
            assert len(lines_of(text)) == 12


def test_bill_that_is_not_posted_or_void_says_so_and_leaves_out_what_was_reversed() -> None:
    row = superbill_rows.row(2)
    row["line_items"][0]["is_reversed"] = True
    posted = page_of(row)
    assert "Draft." not in posted
    assert "Void." not in posted
    assert posted.count('<td class="n">$101.25</td>') == 1
    assert "$100.25" not in posted
    assert "Draft. This superbill is not posted yet" in page_of({**row, "status": "draft"})
    void = page_of({**row, "status": "voided", "void_reason": "Entered for another patient"})
    assert "Void. This superbill was taken back" in void
    assert "another patient" not in void


def test_bill_of_which_little_is_known_is_a_page() -> None:
    nothing: dict[str, Any] = dict.fromkeys(("practice", "provider", "patient_details", "totals"))
    page = page_of({**superbill_rows.row(0), **nothing, "coverages": [], "diagnoses": []})
    for said in ("None on record for this day.", "None was recorded.", "Nothing was billed."):
        assert said in page


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(
    "views",
    [
        pytest.param((("light", 1280), ("dark", 390)), id="sample"),
        pytest.param((("light", 390), ("dark", 1280)), id="others", marks=pytest.mark.long),
    ],
)
@pytest.mark.costly
async def test_page_can_be_read_in_light_and_dark_and_on_a_telephone(
    views: tuple[tuple[str, int], ...],
) -> None:
    row, script = superbill_rows.row(12), axe()
    async with chromium() as browser:
        for scheme, width in views:
            page = await _opened(browser, page_of(row), scheme, width)
            measured = await page.evaluate(
                "() => [document.documentElement.scrollWidth, ...['color', 'backgroundColor']"
                ".map(name => getComputedStyle(document.querySelector('main'))[name])]"
            )
            ink, paper = (sum(map(int, re.findall(r"\d+", each))) for each in measured[1:])
            assert measured[0] <= width  # only the table scrolls to the side
            assert (ink > paper) == (scheme == "dark")
            for media in ("screen", "print"):
                await page.emulate_media(media=media)
                assert await barriers(page, script) == []
            await page.close()


async def _opened(browser: Browser, text: str, scheme: Any, width: int) -> Page:
    page = await browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    await page.set_content(text)
    return page


@pytest.mark.needs("chromium")
async def test_readme_shows_the_printed_superbill() -> None:
    """UPDATE_SNAPSHOT=1 makes the picture again; fonts differ, so its bytes are not compared."""
    if os.environ.get("UPDATE_SNAPSHOT"):
        async with chromium("--disable-lcd-text") as browser:
            page = await browser.new_page(
                viewport={"width": 770, "height": 800}, device_scale_factor=0.7
            )
            await page.set_content(page_of(superbill_rows.row(2, 2)))
            await page.locator("main").screenshot(path=PICTURE)
    assert f"]({PICTURE.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
    content = PICTURE.read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert len(content) < 60_000
