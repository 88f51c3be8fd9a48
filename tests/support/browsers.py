"""A Chromium with a new profile, and axe-core."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

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
