"""Browser tests: real Chromium, the built screens of web/dist, a scripted server (script.py). One browser for all of them.

`screen(...)` opens a wall with the page's clock in the test's hands. IOC_CHROMIUM names another browser; without any browser or
build they end at once and say what to do.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from .fixtures.province import NOW, Topics, calm
from .script import DIST, ScriptedServer

CHROMIUM = os.environ.get("IOC_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share one event loop with the browser and the server, and need both to be there."""
    mine = [item for item in items if HERE in item.path.parents]
    missing = [name for name in (CHROMIUM, str(DIST / "wall.html")) if not Path(name).is_file()]
    if mine and missing:
        raise pytest.UsageError(f"not there: {', '.join(missing)}; `make test` brings both, `scripts/chromium` the browser alone")
    for item in mine:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass
class Screen:
    """One open wall, its server, and everything that went wrong in it."""

    page: Page
    server: ScriptedServer
    faults: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    async def frames(self) -> None:
        """Wait until the wall has heard everything the server said on its present connection."""
        await self.page.wait_for_function("n => __ioc.stats.counts.frames >= n", arg=self.server.sent)

    async def ready(self) -> None:
        """Wait until the line is up and every topic's content has been drawn.

        The line is up with the welcome; the content comes after the subscription, which the server may not have heard yet.
        """
        await self.page.wait_for_selector("html[data-conn=live]")
        await self.page.wait_for_function("() => Object.values(__ioc.stats.heads).every((head) => head !== null)")
        await self.frames()
        await self.advance(0.02, beats=False)  # past the tick that follows every whole second

    async def advance(self, seconds: float, *, step: float = 5, beats: bool = True) -> None:
        """Let time pass on both sides, with heartbeats in between or in dead silence."""
        left = seconds
        while left > 0:
            now = min(step, left)
            self.server.now += int(now * 1000)
            await self.page.clock.run_for(int(now * 1000))
            if beats:
                await self.server.beat()
                await self.frames()
            left -= now

    async def turn_to(self, page: int) -> None:
        """Let time pass until the third row shows this page, fade and all; at most a minute."""
        for _ in range(60):
            if await self.page.get_attribute(".svc", "data-page") == str(page):
                await self.page.wait_for_function("() => document.getAnimations().length === 0")
                return
            await self.advance(1, step=1)
        raise AssertionError(f"page {page} did not come in a minute")

    async def recover(self, within: float) -> float:
        """Let time pass until the line is back, with real pauses for the real socket; returns the seconds it took."""
        self.server.sent = 0
        for passed in range(int(within) + 1):
            if await self.conn() == "live":
                return passed
            await self.page.clock.run_for(1000)
            await self.page.wait_for_timeout(20)
        raise AssertionError(f"not live again within {within} s")

    async def shows(self, kpi: str, text: str) -> None:
        """Wait until the tile of `kpi` shows `text`."""
        await self.page.locator(f'[data-kpi="{kpi}"] [data-v]', has_text=text).wait_for(timeout=5000)

    async def text(self, selector: str) -> str:
        return (await self.page.locator(selector).inner_text()).strip()

    async def conn(self) -> str | None:
        return await self.page.get_attribute("html", "data-conn")


Open = Callable[..., Awaitable[Screen]]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer()
    runner = web.AppRunner(scripted.app(), shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    scripted.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield scripted
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def screen(browser: Browser, server: ScriptedServer) -> AsyncIterator[Open]:
    """Opens walls. `skew`: how far the PC's clock is off, ms. `paused`: time moves only by Screen.advance."""
    opened: list[Screen] = []

    async def open_wall(
        topics: Topics | None = None, *, size: tuple[int, int] = (1920, 1080), query: str = "", skew: int = 0, paused: bool = True,
        reduced: bool = False, ready: bool = True,
    ) -> Screen:  # fmt: skip
        server.fill(calm() if topics is None else topics)
        width, height = size
        context = await browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce" if reduced else "no-preference"
        )
        page = await context.new_page()
        found = Screen(page, server)
        opened.append(found)
        page.on("pageerror", lambda error: found.faults.append(str(error)))
        page.on("console", lambda line: found.faults.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: None if request.url.startswith(server.url) else found.foreign.append(request.url))
        if paused:
            await page.clock.install(time=(NOW + skew) / 1000 - 60)  # pause_at must lie ahead, however slow the machine
            await page.clock.pause_at((NOW + skew) / 1000 + 0.001)
        await page.goto(f"{server.url}/wall{query}")
        if ready:
            await found.ready()
            await page.evaluate("() => document.fonts.ready")
        return found

    yield open_wall
    for found in opened:
        await found.page.context.close()
