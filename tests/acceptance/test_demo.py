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
import psycopg
import pytest

from collectors.departments.systems import SYSTEMS
from tests.conftest import ROOT
from tests.program import Screen, screen

GONE_WITHIN = 15.0
NUMBERS = (
    "dossiers_in_progress", "dossiers_waiting", "documents_signed_rate", "documents_urgent_open", "tasks_overdue", "online_rate",
    "paid_online_rate", "dossiers_digitised_rate", "visits", "wait_p90", "satisfaction_rate", "payments_online_rate",
    "papers_digitised_rate", "feedback_on_time_rate", "conference_connected_rate", "procedures_full_rate", "par_index", "sipas", "pci",
)  # fmt: skip
# Source -> one of the figures it reports.
REPORTED = {
    "centres": "visits", "kiosk": "votes_satisfied", "survey": "votes_satisfied", "ballots": "votes_satisfied",
    "payments": "payments_amount", "digitisation": "papers_digitised", "feedback": "feedback_on_time",
    "conferences": "conference_points", "procedures": "procedures_full", "index766": "index766", "yearly": "par_index_rank",
}  # fmt: skip


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
            sys.executable, "-m", "ioc", "demo", "--days", "30", cwd=ROOT, env={**self.environment, **more},
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

    def reported(self) -> set[tuple[str, str]]:
        """Source and name of every figure the demo's database holds."""
        words = [str(ROOT / "scripts" / "services"), "urls"]
        said = subprocess.run(words, env=self.environment, capture_output=True, text=True, check=True).stdout
        url = dict(line.split("=", 1) for line in said.split())["IOC_DATABASE_URL"].rsplit("/", 1)[0] + "/ioc_demo"
        with psycopg.connect(url, autocommit=True) as db:
            return set(db.execute("select distinct source, name from figures").fetchall())

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


def fresh(wall: Screen, *names: str) -> bool:
    return all((wall.value(f"src.{name}", "sources") or {}).get("st") == "fresh" for name in names)


def unknown(wall: Screen) -> set[str]:
    """The numbers of NUMBERS the wall does not have yet. On a first of the month some are there and say that they are not known."""
    return {name for name in NUMBERS if wall.value(f"kpi.{name}") is None}


async def turned(demo: Demo, *words: str) -> None:
    """`ioc departments --turn ...` beside the running demo."""
    command = [sys.executable, "-m", "ioc", "departments", "--turn", *words]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=demo.environment, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_it_starts_fills_lives_and_leaves_nothing_behind_however_it_ends(demo: Demo) -> None:
    async with demo.running() as (process, url):
        port = int(url.rsplit(":", 1)[1])
        assert (await get(url + "/wall"))[0] == 200
        async with screen(port) as wall:
            await wall.until(lambda w: fresh(w, *SYSTEMS), 120)
            await wall.until(lambda w: not unknown(w), 30)
            assert (wall.kpi("dossiers_in_progress") or 0) > 7000
            assert REPORTED.items() <= demo.reported()
            assert wall.value("day")["units"] == 151
            assert 70 <= (wall.kpi("dossiers_overdue") or 0) <= 250
            assert 95 < (wall.kpi("early_and_on_time_rate") or 0) <= 100
            before = wall.updates
            await turned(demo, "onestop", "skew=3600")
            await wall.until(lambda w: w.value("src.onestop", "sources")["skew"] > 3000 and w.updates > before + 5, 60)
        assert (await get(f"{url}/api/v1/sources"))[0] == 200
        assert {SYSTEMS[name].kind for name in SYSTEMS} == {"rest", "lgsp", "dvcqg", "edxml", "sql", "figures", "push", "files"}
        assert_no_secret_was_written(demo.home)
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


def assert_no_secret_was_written(home: Path) -> None:
    """What the demo keeps in its folder names variables, and holds no value of one."""
    kept = [path.read_text(encoding="utf-8") for path in (home / "demo").iterdir() if path.is_file()]
    values = {value for pid in ours(home) for name, value in environment(pid).items() if name.startswith("IOC_DEMO_") and "SECRET" in name}
    assert len(values) >= 6
    assert not any(value in text for value in values for text in kept)


def environment(pid: int) -> dict[str, str]:
    pairs = (Path("/proc") / str(pid) / "environ").read_bytes().decode(errors="replace").split("\0")
    return dict(pair.partition("=")[::2] for pair in pairs if pair)
