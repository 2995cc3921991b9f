"""The wall in a real browser before the real server: a dossier changes, a deadline passes, a database goes and comes back."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page, async_playwright

from tests.acceptance.test_journey import province, record, utcnow, written
from tests.acceptance.test_outage import Own, _pid, own  # noqa: F401  the fixture
from tests.browser.conftest import CHROMIUM, FLAGS

FIGURE = '[data-kpi="{}"] [data-v]'


@asynccontextmanager
async def wall(url: str) -> AsyncIterator[Page]:
    async with async_playwright() as engine:
        browser = await engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        await page.goto(f"{url}/wall")
        yield page
        await browser.close()


async def shows(page: Page, kpi: str, text: str, within: float = 10.0) -> None:
    """Wait until a number on the wall reads exactly so."""
    selector = FIGURE.format(kpi)
    await page.wait_for_function(
        "([s, t]) => document.querySelector(s)?.textContent?.trim() === t", arg=[selector, text], timeout=within * 1000
    )


async def test_what_changes_in_the_department_and_what_falls_due_is_seen_on_the_wall(tmp_path: Path, database_url: str) -> None:
    soon = timedelta(seconds=9)
    async with province(tmp_path, database_url, [record("A", due=soon), record("B", "U2")]) as (server, department):
        due = utcnow() + soon
        async with wall(server.url) as page:
            await shows(page, "dossiers_in_progress", "2")
            department.put(record("B", "U2", state="10", NgayKetThucXuLy=written(utcnow())))
            await shows(page, "dossiers_in_progress", "1", 5)
            polled = server.center.feeds["onestop"].read_at
            assert polled is not None
            assert utcnow() - polled < timedelta(seconds=1.5)
            await shows(page, "dossiers_overdue", "1", 15)
            assert timedelta(seconds=-2) < utcnow() - due < timedelta(seconds=2)  # the department writes whole seconds
            assert await page.locator("html").get_attribute("data-conn") == "live"
            text = await page.locator("body").inner_text()
            for private in ("Nguyễn Văn Thử", "0900000000"):
                assert private not in text


async def test_a_database_that_goes_is_said_on_the_values_and_forgotten_when_it_is_back(tmp_path: Path, own: Own) -> None:  # noqa: F811
    url = own.start()["IOC_DATABASE_URL"]
    async with province(tmp_path, url, [record("A")]) as (server, department), wall(server.url) as page:
        await shows(page, "dossiers_in_progress", "1")
        tile = page.locator('[data-kpi="dossiers_in_progress"]')
        os.kill(_pid(url), signal.SIGKILL)
        await page.wait_for_function(
            "() => document.querySelector('[data-kpi=dossiers_in_progress]')?.dataset.quality !== 'live'", timeout=15000
        )
        assert await tile.locator("[data-v]").inner_text() == "1"
        department.put(record("B"))
        own.start()
        await shows(page, "dossiers_in_progress", "2", 25)
        await page.wait_for_function(
            "() => document.querySelector('[data-kpi=dossiers_in_progress]')?.dataset.quality === 'live'", timeout=10000
        )
