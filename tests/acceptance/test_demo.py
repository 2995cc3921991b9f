"""`ioc demo` as a person starts and stops it: it comes up on a free port, and however it ends nothing of it stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import ROOT
from tests.program import screen

GONE_WITHIN = 15.0


def ours(home: Path) -> dict[int, str]:
    """Processes that were started with this IOC_HOME, by pid."""
    mark, found = f"IOC_HOME={home}".encode(), {}
    for entry in Path("/proc").iterdir():
        try:
            alive = entry.name.isdecimal() and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
            if alive and mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:120]
        except OSError:
            continue
    return found


class Demo:
    def __init__(self, home: Path, programs: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "IOC_HOME": str(home), "IOC_SERVICES_ROOT": str(programs)}
        for name in ("IOC_DATABASE_URL", "IOC_REDIS_URL", "IOC_PORT"):
            self.environment.pop(name, None)

    async def begin(self, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ioc", "demo", cwd=ROOT, env={**self.environment, **more},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def address(self, process: asyncio.subprocess.Process) -> str:
        """Where it says the wall is."""
        assert process.stdout is not None
        said = b""
        async with asyncio.timeout(60):
            while line := await process.stdout.readline():
                said += line
                if b"/wall" in line:
                    return line.split()[-1].decode().removesuffix("/wall")
        raise AssertionError(said.decode())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
        process = await self.begin()
        try:
            yield process, await self.address(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def nothing_stays(self) -> None:
        began = time.monotonic()
        while left := ours(self.home):
            assert time.monotonic() - began < GONE_WITHIN, left
            await asyncio.sleep(0.2)


@pytest.fixture
def demo(open_folder: Path, services: dict[str, str]) -> Iterator[Demo]:
    made = Demo(open_folder, ROOT / ".ioc" / "services" / "root")
    yield made
    subprocess.run(
        [str(ROOT / "scripts" / "services"), "destroy"], env=made.environment, check=True, timeout=60
    )  # also where the test failed


async def get(url: str) -> Any:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await (answer.json() if "json" in answer.content_type else answer.text())


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_it_starts_fills_lives_and_leaves_nothing_behind_however_it_ends(demo: Demo) -> None:
    async with demo.running() as (process, url):
        port = int(url.rsplit(":", 1)[1])
        assert (await get(url + "/wall"))[0] == 200
        async with screen(port) as wall:
            await wall.until(
                lambda w: all((w.value(f"src.{s}", "sources") or {}).get("st") == "ok" for s in ("onestop", "commune", "documents")), 120
            )
            await wall.until(lambda w: (w.kpi("dossiers_in_progress") or 0) > 7000, 30)
            assert wall.value("day")["units"] == 151
            assert 100 <= (wall.kpi("dossiers_overdue") or 0) <= 250
            assert 95 < (wall.kpi("early_and_on_time_rate") or 0) <= 100
            before = wall.updates
            await wall.until(lambda w: w.updates > before + 5, 60)
        taken = await demo.begin(IOC_PORT=str(port))
        said, _ = await taken.communicate()
        assert taken.returncode == 2
        assert f"port {port}" in said.decode()
        process.kill()
        await process.wait()
    await demo.nothing_stays()
    async with demo.running() as (process, url):  # again, on what is there
        async with screen(int(url.rsplit(":", 1)[1])) as wall:
            await wall.until(lambda w: (w.kpi("dossiers_in_progress") or 0) > 7000, 30)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 15)
        assert process.returncode == 0
    await demo.nothing_stays()
