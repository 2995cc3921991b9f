"""Old stretches read again, in the real store: alone, beside the live poll, through kills, and told by the command."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.backfill import BackfillReport, Progress, walk
from collectors.departments.knobs import Fault
from collectors.poll import Retries, poll
from collectors.source import Source
from ioc.backfills import Backfill, Backfills, Span, listing
from ioc.commands import sources
from ioc.model import Applied, Batch
from ioc.store import Profile, Store, create_units
from tests.conftest import CALENDAR, ROOT
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE, dossier
from tests.contract.rigs.files import FilesRig
from tests.contract.rigs.rest import RestRig

pytestmark = pytest.mark.services

BEGIN = NOW - timedelta(days=5)  # when record 0 changed; one a second after it
MANY = [dossier(n) for n in range(60)]


def span(begin: int, end: int) -> Span:
    return Span(since=BEGIN + timedelta(seconds=begin), until=BEGIN + timedelta(seconds=end))


@pytest.fixture
async def rig(tmp_path: Path, store: Store) -> AsyncIterator[RestRig]:
    """A department, and a store that knows its source."""
    async with store.pool.connection() as db:
        await create_units(db, ["SXD"])
    await store.declare(Profile(name="sut", title="sut", calendar=CALENDAR))
    async with AsyncExitStack() as stack:
        yield RestRig(tmp_path, stack)


async def no_sleep(_: float) -> None:
    await asyncio.sleep(0)


async def read(source: Source, keep: Backfills, stretch: Span, **options: Any) -> BackfillReport:
    return await walk(source, keep, stretch, NOW, **{"pause": 0.0, "sleep": no_sleep, "rng": lambda: 0.5, **options})


async def stored(store: Store) -> dict[str, str]:
    async with store.pool.connection() as db:
        return dict(await (await db.execute("select code, state::text from items")).fetchall())


async def listed(store: Store) -> list[Backfill]:
    async with store.pool.connection() as db:
        return await listing(db)


def codes(begin: int, end: int) -> set[str]:
    return {dossier(n)["MaHoSo"] for n in range(begin, end)}


async def test_a_stretch_is_read_alone_and_the_live_cursor_stands_where_it_stood(rig: RestRig, store: Store) -> None:
    source, told = await rig.source(MANY, max_size=5), []
    report = await read(source, Backfills(store), span(20, 35), tell=told.append)
    assert (report.ok, report.error, report.resumed) == (True, "", False)
    assert codes(20, 35) <= set(await stored(store)) <= codes(20, 40)
    assert await store.cursor("sut") is None
    (done,) = await listed(store)
    assert (done.span, done.read, done.done_at is not None) == (span(20, 35), report.read, True)
    shares = [progress.share for progress in told]
    assert (shares, shares[0]) == (sorted(shares), 0.0)
    assert shares[-1] > 0.9
    again = await read(source, Backfills(store), span(20, 35))
    assert (again.ok, again.changed) == (True, 0)


@dataclass(frozen=True, slots=True)
class Slow(Backfills):
    """Between reading an old page and storing it, the live poll goes by."""

    rig: RestRig
    source: Source

    async def apply(self, source: str, batch: Batch, now: datetime, *, backfill: int) -> Applied:
        await self.rig.change({**dossier(7), "TrangThaiHoSo": "10", "NgayKetThucXuLy": "20260914090000"})
        assert (await poll(self.source, self.store, NOW, retries=ONCE)).ok
        applied = await Backfills.apply(self, source, batch, now, backfill=backfill)
        assert (await stored(self.store))["H99.14-260915-0007"] == "done"
        return applied


async def test_an_old_page_stored_after_the_live_poll_never_wins_over_it(rig: RestRig, store: Store) -> None:
    source = await rig.source(MANY[:10], size=50)
    rig.clock.now = NOW - timedelta(hours=1)
    assert (await read(source, Slow(store, rig, source), span(0, 30))).ok
    assert len(await stored(store)) == 10
    assert json.loads(await store.cursor("sut") or "")["mark"] > dossier(9)["CapNhat"]


async def test_an_open_stretch_that_overlaps_is_gone_on_with_and_then_the_rest_is_read(rig: RestRig, store: Store) -> None:
    source, keep = await rig.source(MANY, max_size=5), Backfills(store)
    rig.department.faults.extend([None, None, None, Fault.FORBIDDEN])
    stopped = await read(source, keep, span(10, 30))
    assert (stopped.ok, stopped.refused, "status 403" in stopped.error) == (False, True, True)
    asked = rig.department.requests
    report = await read(source, keep, span(5, 40))
    assert (report.ok, report.resumed) == (True, True)
    assert codes(5, 40) <= set(await stored(store)) <= codes(0, 45)
    assert [(each.span, each.done_at is not None) for each in await listed(store)] == [
        (span(30, 40), True), (span(5, 10), True), (span(10, 30), True)
    ]  # fmt: skip
    assert rig.department.requests - asked < 5 + 4 + 6, "the part already read was not read again"


async def test_what_may_pass_is_asked_again_with_patience_and_a_page_stored_begins_the_count_anew(rig: RestRig, store: Store) -> None:
    source, waits = await rig.source(MANY, max_size=5), []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    rig.department.faults.extend([None, None, Fault.ERROR, Fault.BUSY, None, None, Fault.ERROR, Fault.BROKEN])
    retries = Retries(tries=3, first=2.0, longest=60.0, obey=60.0)
    report = await read(source, Backfills(store), span(0, 20), sleep=sleep, retries=retries, pause=0.1)
    assert report.ok
    assert [wait for wait in waits if wait != 0.1] == [1.0, 7.0, 1.0, 2.0]
    rig.department.fault = Fault.ERROR
    waits.clear()
    failed = await read(source, Backfills(store), span(40, 60), sleep=sleep, retries=retries)
    assert (failed.ok, failed.refused, len(waits)) == (False, False, 2)


async def test_one_source_has_one_reader_of_old_stretches_at_a_time(rig: RestRig, store: Store) -> None:
    source, keep = await rig.source(MANY), Backfills(store)
    async with keep.alone("sut") as alone:
        assert alone
        report = await read(source, keep, span(0, 5))
    assert (report.ok, rig.department.requests) == (False, 0)
    assert "being read already" in report.error
    assert (await read(source, keep, span(0, 5))).ok


async def test_a_kind_that_cannot_look_back_says_what_to_do_instead(rig: RestRig, store: Store, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        report = await read(await FilesRig(tmp_path, stack).source(MANY), Backfills(store), span(0, 5))
    assert (report.ok, report.refused) == (False, True)
    assert "ioc import" in report.error


@given(*[st.integers(0, 20)] * 4)
def test_a_stretch_without_another_is_what_lies_outside_it(a: int, b: int, c: int, d: int) -> None:
    whole, other = span(min(a, b), max(a, b) + 1), span(min(c, d), max(c, d) + 1)

    def seconds(each: Span) -> set[int]:
        return set(range(int((each.since - BEGIN).total_seconds()), int((each.until - BEGIN).total_seconds())))

    left = whole.without(other)
    assert set().union(*map(seconds, left)) == seconds(whole) - seconds(other)
    assert all(each.since < each.until for each in left)


def test_progress_before_the_first_page_is_none() -> None:
    part = Backfill(id=1, source="a", span=span(0, 10), position=None, read=0, changed=0, started_at=NOW, moved_at=NOW, done_at=None)
    assert Progress(part=part).share == 0.0


# --- the command, as a process ----------------------------------------------------------------------------------------------------


def configuration(folder: Path, url: str, database_url: str) -> Path:
    path = folder / "ioc.toml"
    path.write_text(
        f'[database]\nurl = "{database_url}"\n[[source]]\nname = "sut"\ntype = "rest"\nmapping = "{MAPPINGS / "onestop.toml"}"\n'
        f'url = "{url}"\nupdated = "CapNhat"\nsize = 5\nmax_size = 5\n',
        encoding="utf-8",
    )
    return path


def interruptible() -> None:
    """Whoever runs these tests in the background may have told us, and our children, to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def command(config: Path, *words: str) -> asyncio.subprocess.Process:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    told = [sys.executable, "-m", "ioc", "backfill", "sut", "--config", str(config), *words]
    return await asyncio.create_subprocess_exec(
        *told,
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=interruptible,
    )


async def test_killed_twice_and_stopped_once_the_command_completes_the_stretch(
    rig: RestRig, store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = await rig.source(MANY)
    config = configuration(rig.folder, str(source.settings.url), database_url)  # type: ignore[attr-defined]
    words = ("--from", "10/09/2026", "--to", "2026-09-10", "--pause", "0.05", "--json")
    for reached, how, status in ((5, signal.SIGKILL, -9), (20, signal.SIGKILL, -9), (35, signal.SIGINT, 130)):
        process = await command(config, *words)
        while process.returncode is None and len(await stored(store)) < reached:  # noqa: ASYNC110  it is another process
            await asyncio.sleep(0.005)
        process.send_signal(how)
        assert await process.wait() == status
        assert len(await stored(store)) < 60
    (part,) = await listed(store)
    assert (part.done_at, part.read >= 35) == (None, True)
    monkeypatch.delenv("IOC_DATABASE_URL", raising=False)
    await asyncio.to_thread(sources.backfill, "sut", config, "2026-09-10", "2026-09-10", pause=0.0, as_json=True)
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["resumed"], report["read"] <= 30) == (True, True, True)
    assert set(await stored(store)) == codes(0, 60)
    await asyncio.to_thread(sources.backfills, config, None, as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["source"], row["done_at"] is not None, row["read"] >= 60) == ("sut", True, True)
