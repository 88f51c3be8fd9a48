"""A Chromium with a new profile, and axe-core."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.support.skips import MISSING

ARGUMENTS = (
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's is small
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

_AXE = """async script => {
    if (!window.axe) (0, eval)(script);
    const found = await axe.run(document);
    return found.violations.map(one => `${one.id}: ${one.nodes[0].html}`);
}"""


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """Start the system's Chromium; it may be told more."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=(*ARGUMENTS, *more)
        )
        try:
            yield browser
        finally:
            await browser.close()


def axe() -> str:
    """Give the text of axe-core, which finds what keeps people from using a page.

    npm installs it beside the programs of `.ci/tools/package.json`. Without it the test is skipped,
    or fails where CI has to have installed it.
    """
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        script = Path(folder).parent / "axe-core" / "axe.min.js"
        if script.exists():
            return script.read_text(encoding="utf-8")
    return (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core" + MISSING)


async def barriers(page: Page, script: str) -> list[str]:
    """Run axe-core on a page as it is shown now, and give what it finds."""
    found: list[str] = await page.evaluate(_AXE, script)
    return found
