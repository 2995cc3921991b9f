"""The forecast on real dossiers: 1,434 environmental permits lived through day by day, learned from the first 70 %, asked about the rest.

The store is fed at the end of each day with what happened that day, so it knows at every instant what an IOC would have known then. The
figures of docs/forecast.md are held against what comes out here.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.departments.data import read_records
from collectors.mapping import load
from ioc.calendar import WorkCalendar
from ioc.commands import forecast as commands
from ioc.db import connect, pool
from ioc.forecast import reading
from ioc.forecast.backtest import Report, backtest, split
from ioc.forecast.forecaster import Forecaster
from ioc.forecast.lives import Clock, Life
from ioc.model import Batch
from ioc.store import Profile, Store
from tests.acceptance.test_receipt import DATA, EXPECTED, ioc
from tests.conftest import ROOT

LOCAL = ZoneInfo("Europe/Amsterdam")
CALENDAR = WorkCalendar(zone=LOCAL, country="NL", rows=())
END = datetime(2012, 2, 1, tzinfo=LOCAL).astimezone(UTC)
WITHIN = EXPECTED["expected"][-1]["within_time"]  # of 1 February 2012
MAPPING = load(ROOT / "examples" / "mappings" / "receipt.toml")


def days(rows: list[dict[str, Any]]) -> Iterator[tuple[datetime, list[dict[str, Any]]]]:
    """(the end of a day, the dossiers that changed in it as their system showed them then)."""
    dossiers = defaultdict(list)
    for row in rows:
        dossiers[row["case:concept:name"]].append(row)
    shown: dict[datetime, dict[str, dict[str, Any]]] = defaultdict(dict)
    for code, events in dossiers.items():
        first = {**events[0], "concept:name": ""}
        received, closed = instant(first["case:startdate"]), first["case:enddate"]
        steps = [(max(instant(row["time:timestamp"]), received), row) for row in events]
        told = sorted([(received, first), *steps], key=lambda one: one[0])
        if closed:
            ended = max(instant(closed), received)
            told = sorted([*told, (ended, [row for at, row in told if at <= ended][-1])], key=lambda one: one[0])
        for at, row in told:
            over = bool(closed) and at >= instant(closed)
            shown[midnight_after(at)][code] = row if over else {**row, "case:enddate": ""}
    for day in sorted(shown):
        yield day, list(shown[day].values())


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def midnight_after(at: datetime) -> datetime:
    local = at.astimezone(LOCAL) + timedelta(days=1)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


async def lived(database_url: str) -> list[Life]:
    """The store after all those days, as lives."""
    async with pool(database_url, size=2) as connections:
        store = Store(connections)
        await store.declare(Profile(name="receipt", title="", calendar=CALENDAR, zone=LOCAL, create_units=True))
        for day, rows in days(read_records(DATA / "receipt.csv")):
            read = MAPPING.read_all(rows, day)
            assert not read.bad
            await store.apply("receipt", Batch(position=day.isoformat(), items=read.items), day)
    async with await connect(database_url) as db:
        return await reading.lives(db, END, {}, decided=False)


@pytest.fixture(scope="module")
def material(services: dict[str, str], template: str) -> Iterator[tuple[str, list[Life]]]:
    """(a database in which they were all lived, the lives in it)."""
    from tests.conftest import _admin, _named

    url, name = services["IOC_DATABASE_URL"], f"{template}_receipt"
    _admin(url, f"create database {name} template {template}")
    yield _named(url, name), asyncio.run(lived(_named(url, name)))
    _admin(url, f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def report(material: tuple[str, list[Life]]) -> Report:
    _, lives = material
    at = split(lives)
    assert at is not None
    made = backtest(lives, Clock(CALENDAR), at, END)
    assert made is not None
    return made


def test_it_beats_the_base_rate_and_the_share_by_remaining_time(report: Report) -> None:
    brier = report.brier
    for better, error in (brier.better_than_base, brier.better_than_remaining):
        assert better > 2 * error > 0
    assert brier.forecast < brier.hindsight, "better even than the share nobody could know"
    assert (report.dossiers, report.reconstructed) == (530, 0)


def test_the_figures_in_the_docs_are_these(report: Report) -> None:
    text = (ROOT / "docs" / "forecast.md").read_text(encoding="utf-8")
    brier, better, than_time = report.brier, report.brier.better_than_base, report.brier.better_than_remaining
    lines = [
        f"| the forecast | {brier.forecast:.4f} | |",
        f"| base rate | {brier.base:.4f} | {better[0]:.4f} ± {better[1]:.4f} |",
        f"| late share by remaining time | {brier.remaining_only:.4f} | {than_time[0]:.4f} ± {than_time[1]:.4f} |",
        *(
            f"| {b.low:.1f}–{b.high:.1f} | {b.questions} | {b.dossiers} | {_share(b.predicted)} | {_share(b.observed)} |"
            for b in report.bins
        ),
        *(f"| {c.threshold:.1f} | {c.called} | {_share(c.precision)} | {_share(c.recall)} |" for c in report.cuts),
        *(
            f"| {a.remaining:g} | {a.dossiers} | {a.predicted:.3f} | {a.observed:.3f} | {a.forecast:.4f} | {a.remaining_only:.4f} |"
            for a in report.at
        ),
        f"{report.weeks_inside} of {len(report.weeks)} weeks",
    ]
    assert [line for line in lines if line not in text] == []


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"


async def test_every_dossier_within_time_is_in_a_slot_or_later(material: tuple[str, list[Life]]) -> None:
    """The published figure of 1 February 2012, 59 in progress within time by date, is the slots and what lies after them."""
    url, _ = material
    async with await connect(url) as db:
        answer = await Forecaster(calendar=CALENDAR).forecast(db, END, None, "days", limit=1000)
    assert answer["model"]["state"] == "ready"
    assert len(answer["items"]) + answer["later"] == WITHIN
    assert answer["totals"]["all_slots"]["certain"] == len(answer["items"]) > 5
    expected = sum(item["probability"] for item in answer["items"])
    assert answer["totals"]["all_slots"]["likely"]["value"] == pytest.approx(expected, abs=0.01)


def test_the_command_line_tests_the_same_store(
    material: tuple[str, list[Life]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url, _ = material
    said = json.loads(ioc(url, "forecast", "backtest", "--as-of", "2012-02-01T00:00:00+01:00", "--json").stdout)
    assert said["state"] == "ready"
    assert said["brier"]["forecast"] < said["brier"]["remaining_only"] < said["brier"]["base"]
    monkeypatch.setenv("IOC_DATABASE_URL", url)
    commands.backtest("ioc", END, as_json=False)
    shown = capsys.readouterr().out
    assert f"{said['brier']['base']:.4f}" in shown
    assert f"{said['weeks_inside']}/{len(said['weeks'])}" in shown
