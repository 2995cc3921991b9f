"""Every simulated system of the table, started and read by the very source examples/demo.toml names for it, over real wires."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.departments.ballots import Ballots
from collectors.departments.bureau import Bureau
from collectors.departments.demo import lived, slice_end
from collectors.departments.desk import Desk
from collectors.departments.knobs import Knobs
from collectors.departments.province_cases import System
from collectors.departments.province_dialects import code_of
from collectors.departments.province_names import units
from collectors.departments.province_words import Record
from collectors.departments.sheets import Sheets
from collectors.departments.systems import EDUCATION, SYSTEMS, Keeper, World, secret_variable
from collectors.poll import PollReport, Retries, poll
from collectors.source import Source
from collectors.sources import build
from collectors.sources.push import Arrival, PushSource
from ioc.commands import departments
from ioc.commands.demo import ADDRESSES, write_config
from ioc.commands.engines import EngineError
from ioc.config import ConfigError, load
from ioc.model import Applied, BadRow, Batch, Figure, Gone, Item
from ioc.server.push import Gate
from ioc.units import UnitTree
from tests.conftest import ROOT
from tests.contract.rigs.push import served

NOW = datetime(2026, 11, 20, 14, 5, 32, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")).astimezone(UTC)
LATER = NOW + timedelta(minutes=30)
SEED = 766
HOURLY = ("centres", "kiosk", "survey", "payments", "digitisation", "feedback")  # what moves on any working day
SECRETS = {name: f"{name}-secret-of-this-test" for name, system in SYSTEMS.items() if system.secret}
TREE = UnitTree(units())
ONCE = Retries(tries=1)


@dataclass(slots=True)
class Book:
    """What a source made of its system, in the store's place."""

    items: dict[str, Item] = field(default_factory=dict)
    figures: dict[tuple[str, str, str], Figure] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)
    position: str | None = None

    async def cursor(self, source: str) -> str | None:
        return self.position

    async def apply(self, source: str, batch: Batch, now: datetime) -> Applied:
        before = dict(self.items)
        for item in batch.items:
            if isinstance(item, Gone):
                self.items.pop(item.code, None)
            else:
                self.items[item.code] = item
        self.figures |= {(each.unit, each.period, each.name): each for each in batch.figures}
        self.bad += batch.bad
        self.position = batch.position or self.position
        changed = sum(before.get(code) != item for code, item in self.items.items())
        return Applied(read=len(batch.items) + len(batch.figures), changed=changed, quarantined=len(batch.bad))


@lru_cache(maxsize=2)
def records(at: datetime = NOW) -> Mapping[str, Sequence[Record]]:
    """The province's records, as the demo builds them, some minutes into its life."""
    _, found = lived(NOW.replace(minute=0), SEED, at, length=8)
    return {system.value: list(each.values()) for system, each in found.items()}


@asynccontextmanager
async def read_by_its_source(
    name: str, folder: Path, database: str, monkeypatch: pytest.MonkeyPatch, now: datetime = NOW
) -> AsyncIterator[tuple[Any, Source, str]]:
    """The server of a system, its source as the demo configures it, and the address."""
    for each, secret in SECRETS.items():
        monkeypatch.setenv(secret_variable(each), secret)
    monkeypatch.setenv("IOC_DEMO_EDUCATION_URL", EDUCATION.address(database, SECRETS["education"]))
    monkeypatch.chdir(folder)
    world = World(
        clock=lambda: now, seed=SEED, records=records(max(now, NOW)), secrets=SECRETS, folder=folder / "sheets", database=database
    )
    server = SYSTEMS[name].make(world)
    async with server.serving() as url:
        config = load(write_config(folder, dict.fromkeys(SYSTEMS, "http://127.0.0.1:1/nowhere") | {name: url}))
        (entry,) = (each for each in config.source if each.name == name)
        assert entry.type == SYSTEMS[name].kind
        yield server, build(entry, config.folder), url


async def taken(server: Any, source: Source, book: Book, now: datetime = NOW) -> PollReport:
    """One poll; a system that calls us calls first, a sheet has lain a while."""
    if isinstance(server, Ballots) and isinstance(source, PushSource):
        await _called(server, source, now)
    if isinstance(server, Sheets):
        for path in server.folder.iterdir():
            os.utime(path, (now.timestamp() - 60,) * 2)
    return await poll(source, book, now, retries=ONCE)


async def _called(server: Ballots, source: PushSource, now: datetime) -> None:
    async def take(into: PushSource, arrival: Arrival, _now: datetime) -> Sequence[BadRow]:
        into.inbox.append(arrival)
        return ()

    async with served(Gate(sources={"kiosk": source}, take=take, now=lambda: now)) as address:
        server.kiosk.url, server.kiosk.secret = f"{address}/kiosk", SECRETS["kiosk"]
        server.kiosk.put(*server.changed())
        assert [told.status for told in await server.kiosk.call()] == [200]


def test_the_demo_reads_every_system_of_the_table(tmp_path: Path) -> None:
    config = load(write_config(tmp_path, dict.fromkeys(SYSTEMS, "http://127.0.0.1:1/nowhere")))
    assert [entry.name for entry in config.source if entry.name not in SYSTEMS] == []
    assert {entry.name for entry in config.source} == set(SYSTEMS)
    assert len({entry.type for entry in config.source}) >= 8
    assert all(0 < len(entry.title) <= 12 for entry in config.source)
    (communes,) = (feeder for feeder in config.feeder if feeder.source == "commune")
    assert 90 <= len(communes.units) <= 120
    assert {TREE.resolve(code) for code in communes.units} <= {unit.code for unit in units()}


@pytest.mark.services
@pytest.mark.parametrize("name", SYSTEMS)
async def test_its_source_reads_all_of_it_and_nothing_is_quarantined(
    name: str, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Book()
    async with read_by_its_source(name, tmp_path, database_url, monkeypatch) as (server, source, _):
        report = await taken(server, source, book)
        assert (report.error, [row.reason for row in book.bad]) == ("", [])
        assert book.items or book.figures
        assert all(map(TREE.resolve, {item.unit for item in book.items.values()} | {unit for unit, _, _ in book.figures}))
        keeps = SYSTEMS[name].keeps
        if keeps is not None:
            wanted = [r for r in records()[keeps.value] if not r.get("Secret") and r.get("BussinessDocType") != 1]
            assert len(book.items) == len(wanted) - sum(len(r.get("Replaces", ())) for r in wanted)
        again = await taken(server, source, book)
        assert (again.error, again.changed) == ("", 0)


@pytest.mark.services
@pytest.mark.parametrize("name", [name for name, system in SYSTEMS.items() if system.keeps])
async def test_what_changes_in_the_province_comes_with_the_next_poll(
    name: str, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half an hour of life, put record by record, leads to what a system made anew would show."""
    before, after = ({code_of(System(name), each): each for each in records(at)[name]} for at in (NOW, LATER))
    book, anew = Book(), Book()
    async with read_by_its_source(name, tmp_path, database_url, monkeypatch) as (server, source, _):
        await taken(server, source, book)
        assert isinstance(server, Keeper)
        news = [record for code, record in after.items() if before.get(code) != record]
        assert news
        for record in news:
            server.put(record)
        if isinstance(server, Bureau):
            await server.written()
        assert (await taken(server, source, book)).changed > 0
    async with read_by_its_source(name, tmp_path, database_url, monkeypatch, LATER) as (server, source, _):
        await taken(server, source, anew)
    assert book.bad == []
    assert {code: _told(item) for code, item in book.items.items()} == {code: _told(item) for code, item in anew.items.items()}


def _told(item: Item) -> tuple[Any, ...]:
    """What a record itself says; when it changed is stamped by the server."""
    return item.unit, item.state, item.received_at, item.due_at, item.step, item.progress, item.traits, item.pauses


@pytest.mark.services
@pytest.mark.parametrize(
    ("name", "after"),
    [(name, timedelta(hours=1)) for name, system in SYSTEMS.items() if system.kind in ("figures", "push") and name in HOURLY]
    + [("conferences", timedelta(hours=6)), ("index766", timedelta(days=1)), ("ballots", timedelta(days=7))],
)
async def test_numbers_move_as_time_goes_on(
    name: str, after: timedelta, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, then = Book(), Book()
    async with read_by_its_source(name, tmp_path, database_url, monkeypatch, NOW - after) as (server, source, _):
        await taken(server, source, book, NOW - after)
    async with read_by_its_source(name, tmp_path, database_url, monkeypatch) as (server, source, _):
        await taken(server, source, then)
    told = [{key: figure.value for key, figure in each.figures.items()} for each in (book, then)]
    assert told[0]
    assert told[1].items() - told[0].items()


@pytest.mark.services
@pytest.mark.parametrize("name", [name for name, system in SYSTEMS.items() if system.secret and system.kind not in ("push", "sql")])
async def test_a_caller_without_the_secret_is_refused(
    name: str, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with read_by_its_source(name, tmp_path, database_url, monkeypatch) as (server, source, _):
        monkeypatch.setenv(secret_variable(name), "somebody else's guess")
        book = Book()
        report = await taken(server, source, book)
        assert report.refused
        assert "guess" not in report.error
        assert (book.items, book.figures) == ({}, {})


@pytest.mark.services
async def test_knobs_of_the_department_with_a_database_reach_its_view(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with read_by_its_source("education", tmp_path, database_url, monkeypatch) as (server, source, _):
        book = Book()
        server.turn({"renamed": {"trang_thai": {"DANG_XU_LY": "X9"}}})
        await server.written()
        report = await poll(source, book, NOW, retries=ONCE)
        assert report.quarantined > 0
        assert "X9" in book.bad[0].reason
        server.turn({"renamed": {}})
        await server.written()
        assert (await poll(source, again := Book(), NOW, retries=ONCE)).error == ""
        assert again.bad == []


async def test_a_sheet_is_dropped_once_also_after_it_was_taken_up(tmp_path: Path) -> None:
    world = World(clock=lambda: NOW, seed=SEED, folder=tmp_path)
    ballots = SYSTEMS["ballots"].make(world)
    assert isinstance(ballots, Sheets)
    written = ballots.drop()
    assert "phieu-hai-long-2026-11-13.csv" in written
    assert ballots.drop() == []
    (ballots.folder / "done").mkdir()
    for name in written:
        (ballots.folder / name).rename(ballots.folder / "done" / name)
    assert ballots.drop() == []
    (ballots.folder / "done" / written[0]).unlink()
    ballots.turn({"silent": True})
    assert ballots.drop() == []
    ballots.turn({"silent": False})
    assert ballots.drop() == [written[0]]


def test_the_same_epoch_and_seed_give_the_same_province() -> None:
    epoch = NOW.replace(minute=0)
    for later in (3, 17):
        now = epoch.replace(minute=later)
        assert lived(epoch, SEED, now, length=2)[1] == lived(epoch, SEED, now, length=2)[1]
    assert lived(epoch, SEED, now, length=2)[1] != lived(epoch, SEED + 1, now, length=2)[1]
    assert slice_end(epoch, epoch.replace(second=40)) >= epoch.replace(second=40)


# --- ioc departments ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a demo would note its addresses."""
    monkeypatch.setenv("IOC_HOME", str(tmp_path))
    (tmp_path / "demo").mkdir()
    return tmp_path / "demo"


def test_the_list_names_every_system_with_its_kind_and_its_address(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ADDRESSES).write_text('{"axis": "http://127.0.0.1:4711/v1/x"}', encoding="utf-8")
    departments.listing(as_json=True)
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed] == list(SYSTEMS)
    assert [each["address"] for each in listed if each["address"]] == ["http://127.0.0.1:4711/v1/x"]
    departments.listing(as_json=False)
    shown = capsys.readouterr().out
    assert all(system.title in shown for system in SYSTEMS.values())
    assert "http://127.0.0.1:4711/v1/x" in shown


@pytest.mark.parametrize(
    ("turns", "error", "said"),
    [
        (("motcua", "delay=3"), ConfigError, "no simulated system is called 'motcua'"),
        (("onestop", "slow=3"), ConfigError, "there is no knob 'slow'"),
        (("onestop", "delay"), ConfigError, "write knob=value"),
        (("onestop", "errors=7"), ConfigError, "a rate from 0 to 1"),
        (("onestop", "delay=3"), EngineError, "start one with `ioc demo`"),
    ],
)
def test_what_cannot_be_turned_is_said_with_the_remedy(home: Path, turns: tuple[str, ...], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=re.escape(said)):
        departments.turn(turns[0], turns[1:])


def test_a_demo_that_has_ended_is_said_to_have(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (home / ADDRESSES).write_text(json.dumps({"onestop": f"http://127.0.0.1:{port}/hoso"}), encoding="utf-8")
    with pytest.raises(EngineError, match="the demo does not run"):
        departments.turn("onestop", ["delay=3"])


async def test_a_running_system_is_turned_and_turned_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = SYSTEMS["tasks"].make(World(clock=lambda: NOW, records={"tasks": records()["tasks"]}))
    assert isinstance(server, Desk)
    async with server.serving() as url:
        (home / ADDRESSES).write_text(json.dumps({"tasks": url}), encoding="utf-8")
        await asyncio.to_thread(departments.turn, "tasks", ["delay=0.5", "dropped=hanXuLy,mucDo", 'renamed={"trangThai":{"TREO":"X"}}'])
        assert (server.knobs.delay, server.knobs.dropped) == (0.5, ("hanXuLy", "mucDo"))
        assert server.knobs.renamed == {"trangThai": {"TREO": "X"}}
        assert '["hanXuLy", "mucDo"]' in capsys.readouterr().out
        await asyncio.to_thread(departments.turn, "tasks", ["delay=0", "dropped=", "renamed={}"])
        assert server.knobs == Knobs()


@pytest.mark.slow
def test_one_system_runs_alone_and_ends_with_whoever_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ioc", "departments", "--start", "conferences"]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "IOC_HOME": str(tmp_path)}, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        address = json.loads(process.stdout.readline())["conferences"]
        assert address.startswith("http://127.0.0.1:")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    _gone(address)


def _gone(address: str) -> None:
    """Nobody listens there any more, soon."""
    host, port = address.split("/")[2].split(":")
    began = time.monotonic()
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return
        assert time.monotonic() - began < 10
        time.sleep(0.1)
