"""Where a number comes from: what is explained is what is shown, its lists are as long as it is, and its sources are told as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ioc import watchbook
from ioc.answers import Question, indicators, instant, items, snapshot
from ioc.db import Connection
from ioc.explain import Fed, explain, names
from ioc.explain.definition import define
from ioc.hearing import Flip, Heard
from ioc.indicators import IndicatorError
from ioc.model import BadRow, Batch, Fault, Figure, Item, Kind, State, Way
from ioc.periods import PeriodError
from ioc.store import Profile, Store
from ioc.store import prepare as prepare_store
from ioc.units import UnitError
from tests.acceptance.test_journey import province, ready, record
from tests.conftest import CALENDAR
from tests.factories import item
from tests.program import Program, Screen, screen
from tests.world import World

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)  # Friday 14:00
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
COUNTED = [name for name in names() if define(name).sort in ("count", "rate", "time")]


def question(href: str) -> tuple[str, Question, str]:
    """A link as the question it asks: the indicator, the question, the side."""
    given = {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}
    asked = Question(
        unit=given.get("unit"), period=given["period"], as_of=instant(given["as_of"]), compare=given.get("compare"),  # type: ignore[arg-type]
        known_at=instant(given["known_at"]) if "known_at" in given else None, seen=snapshot(given["seen"]) if "seen" in given else None,
    )  # fmt: skip
    return given["indicator"], asked, given.get("side", "part")


async def behind(db: Connection, href: str, now: datetime = NOW) -> list[str]:
    name, asked, side = question(href)
    listed = await items(db, name, asked, now, side=side)  # type: ignore[arg-type]
    return [one["code"] for one in listed["items"]]


async def bring(store: Store, source: str, at: datetime, *things: Item, bad: tuple[BadRow, ...] = ()) -> None:
    await store.apply(source, Batch(position=f"{at}", items=list(things), bad=list(bad)), at)


async def history(store: Store, until: datetime, steps: int = 40) -> None:
    """A random province, an hour a step, ending at `until`."""
    world = World(766)
    for step in range(steps):
        at = until - (steps - step) * HOUR
        for source in ("by_date", "by_instant"):
            changes = {one.code: one for one in (world.change(at, source) for _ in range(4))}
            await bring(store, source, at, *changes.values())  # type: ignore[arg-type]


async def test_every_number_is_what_the_catalogue_answers_and_its_lists_are_as_long_now_and_in_the_past(
    store: Store, db: Connection
) -> None:
    await history(store, NOW)
    some = 0
    for asked in (
        Question(period="month"),
        Question(period="2026-11", as_of=NOW - 20 * HOUR, compare="instant"),
        Question(period="all", unit="U03", as_of=NOW - 20 * HOUR, known_at=NOW - 19 * HOUR),
    ):
        answers = [await explain(db, name, asked, NOW) for name in COUNTED]
        again = Question(**{f: getattr(asked, f) for f in ("unit", "period", "compare", "known_at")}, as_of=instant(answers[0]["as_of"]),
                         seen=answers[0]["seen"])  # fmt: skip
        shown = (await indicators(db, again, NOW))["indicators"]
        for answer in answers:
            name = answer["indicator"]
            assert answer["value"] == shown[name]["value"], (asked, name)
            some += bool(answer["value"])
            for part in answer["parts"][:2]:  # of a rate its two sides
                assert len(await behind(db, part["items"])) == part["count"], (asked, name, part["side"])
    assert some > 80, "the history says too little"


async def test_a_rate_has_the_list_of_both_its_sides(store: Store, db: Connection) -> None:
    done = [
        item(f"D{n}", state=State.DONE, received_at=NOW - 4 * DAY, closed_at=NOW - n * DAY, happened_at=NOW, due_at=NOW - 2 * DAY)
        for n in range(4)
    ]
    await bring(store, "by_date", NOW - MINUTE, *done)
    answer = await explain(db, "early_and_on_time_rate", Question(period="month"), NOW)
    assert answer["value"] == 50.0
    sides = {part["side"]: part for part in answer["parts"][:2]}
    assert await behind(db, sides["numerator"]["items"]) == ["D2", "D3"]
    assert await behind(db, sides["denominator"]["items"]) == ["D0", "D1", "D2", "D3"]
    assert [(p["indicator"], p["count"]) for p in answer["parts"][2:]] == [
        ("dossiers_early", 1),
        ("dossiers_on_time", 1),
        ("dossiers_resolved", 4),
    ]
    assert answer["definition"]["formula"] == "100 × (dossiers_early + dossiers_on_time) / dossiers_resolved"
    assert [(one["version"], one["items"]) for one in answer["calendars"]] == [(CALENDAR.version, 4)]


async def test_what_was_stored_is_explained_not_what_was_under_way(store: Store, db: Connection) -> None:
    """An apply that had begun and was not committed yet is in no number of that moment, though it is dated before."""
    await bring(store, "by_date", NOW - HOUR, item("A"))
    async with store.pool.connection() as writer, writer.transaction():
        await prepare_store(writer)
        batch = Batch(position="late", items=[item("B"), item("A", state=State.DONE, closed_at=NOW - HOUR, happened_at=NOW)])
        await store._apply(writer, store.profiles["by_date"], batch, NOW - MINUTE, None)
        before = await explain(db, "dossiers_in_progress", Question(), NOW)
    assert before["value"] == 1
    assert await behind(db, before["parts"][0]["items"], NOW + HOUR) == ["A"]
    _, asked, _ = question(before["again"])
    after = await explain(db, "dossiers_in_progress", asked, NOW + HOUR)
    assert (after["value"], after["as_of"], after["again"]) == (1, before["as_of"], before["again"])
    assert (await explain(db, "dossiers_resolved", asked, NOW + HOUR))["value"] == 0
    now = await explain(db, "dossiers_in_progress", Question(), NOW + HOUR)
    assert await behind(db, now["parts"][0]["items"]) == ["B"]


async def test_of_the_past_both_what_is_known_now_and_what_was_known_then(store: Store, db: Connection) -> None:
    await bring(store, "by_date", NOW - 2 * DAY, item("A", received_at=NOW - 3 * DAY))
    await bring(store, "by_date", NOW, item("B", received_at=NOW - 3 * DAY, happened_at=NOW))  # heard of two days late
    answer = await explain(db, "dossiers_in_progress", Question(as_of=NOW - DAY), NOW + MINUTE)
    assert (answer["value"], answer["known_then"]["value"]) == (2, 1)
    await bring(store, "by_date", NOW + HOUR, item("C", received_at=NOW - 3 * DAY, happened_at=NOW))
    assert await behind(db, answer["parts"][0]["items"], NOW + 2 * HOUR) == ["A", "B"], "the list stands, whatever comes later"


def flip(source: str, at: datetime, state: str, **more: Any) -> Flip:
    return Flip(source=source, at=at, state=state, since=at, **more)


async def heard(db: Connection, source: str, as_of: datetime, read_at: datetime) -> None:
    await watchbook.keep(db, {source: Heard(started=as_of, resumed=as_of, as_of=as_of, read_at=read_at)}, read_at)


async def test_each_source_is_told_with_its_age_its_state_and_what_it_misses(store: Store, db: Connection) -> None:
    lost = BadRow(reason="no date", raw_hash="f" * 64, code="X", fault=Fault.VALUE, record=None)
    odd = item("ODD", state=State.DONE, received_at=NOW - DAY, closed_at=NOW - 2 * DAY, happened_at=NOW)
    await bring(store, "by_date", NOW - HOUR, item("A", unit="U01", channel=Way.ONLINE), odd, bad=(lost,))
    await bring(store, "by_instant", NOW - HOUR, item("B", unit="U02"))
    await heard(db, "by_date", NOW - 90 * MINUTE, NOW - 88 * MINUTE)
    await heard(db, "by_instant", NOW - 10 * MINUTE, NOW - 9 * MINUTE)
    await watchbook.write_flips(db, [flip("by_date", NOW - DAY, "fresh"), flip("by_instant", NOW - DAY, "fresh")])
    await watchbook.write_flips(db, [flip("by_date", NOW - 30 * MINUTE, "stale", drift=NOW - HOUR, why="no answer")])
    fed = {"by_date": Fed(title="Một cửa", type="rest", every=60)}
    answer = await explain(db, "online_rate", Question(), NOW, fed)
    first, second = answer["inputs"]
    assert {k: first[k] for k in ("title", "type", "lag", "state", "items", "brought", "units", "quarantined", "suspect", "heard")} == {
        "title": "Một cửa", "type": "rest", "lag": 120, "state": "stale", "items": 2, "brought": 2, "units": 1, "quarantined": 1,
        "suspect": 1, "heard": "then",
    }  # fmt: skip
    assert (first["drift"], second["drift"], second["type"]) == ((NOW - HOUR).isoformat(), None, None)
    assert answer["coverage"] == {"reporting": 1, "expected": 2}
    assert (answer["quarantined"], answer["suspect"]) == (1, 1)
    assert answer["mixed"] is True
    assert (answer["instant"]["same"], answer["instant"]["apart"]) == (False, 4800.0)
    assert "4800 giây" in answer["instant"]["vi"]
    then = await explain(db, "online_rate", Question(as_of=NOW - 45 * MINUTE), NOW, fed)
    states = [(one["state"], one["heard"]) for one in then["inputs"]]
    assert states == [("fresh", "then"), ("fresh", "unknown")], "each as it was; what was read long after says nothing"
    assert (then["instant"]["same"], then["mixed"]) == (None, True)
    alone = await explain(db, "online_rate", Question(unit="U01"), NOW, fed)
    assert ([one["source"] for one in alone["inputs"]], alone["mixed"], alone["instant"]["same"]) == (["by_date"], False, True)


async def reported(store: Store, source: str, at: datetime, *figures: tuple[str, str, str, float]) -> None:
    listed = [Figure(name=name, unit=unit, period=period, value=value, reported_at=at) for name, unit, period, value in figures]
    await store.apply(source, Batch(position=f"{at}", items=[], figures=listed), at)


async def test_a_reported_number_shows_the_rows_that_add_up_to_it_as_of_any_instant(store: Store, db: Connection) -> None:
    votes = ("votes_very_satisfied", "votes_satisfied", "votes_unsatisfied")
    await reported(
        store, "by_date", NOW - 2 * DAY, *((name, unit, "2026-11-18", n) for unit in ("U01", "U02") for n, name in enumerate(votes, 1))
    )
    await reported(store, "by_instant", NOW - DAY, *((name, "U01", "2026-11-19", 10) for name in votes))
    await reported(store, "by_date", NOW, ("votes_unsatisfied", "U01", "2026-11-18", 0))  # corrected
    answer = await explain(db, "satisfaction_rate", Question(period="month"), NOW)
    assert answer["value"] == pytest.approx(round(100 * 26 / 39, 2))
    assert all(one["comes_to"] == one["number"] for one in answer["adds_up"].values())
    assert [part["value"] for part in answer["parts"][:2]] == [12, 14]
    assert len(answer["rows"]) == 9
    assert [(one["source"], one["rows"]) for one in answer["inputs"]] == [("by_date", 6), ("by_instant", 3)]
    assert answer["coverage"] == {"reporting": 2, "expected": 2}
    assert answer["mixed"] is True
    before = await explain(db, "votes_unsatisfied", Question(period="2026-11-18", as_of=NOW - HOUR), NOW)
    assert (before["value"], [row["value"] for row in before["rows"]]) == (6, [3, 3])
    alone = await explain(db, "votes_unsatisfied", Question(period="month", unit="U02"), NOW)
    assert (alone["value"], [row["unit"] for row in alone["rows"]]) == (3, ["U02"])
    nothing = await explain(db, "visits", Question(period="today"), NOW)
    assert (nothing["value"], nothing["rows"], nothing["mixed"]) == (None, [], False)


async def test_a_score_is_explained_by_its_own_row_and_the_newest_period_counts(store: Store, db: Connection) -> None:
    root = "root"
    await reported(
        store, "by_date", NOW - DAY, ("par_index", root, "2024", 88.1), ("par_index", root, "2025", 89.95), ("par_index", "U01", "2025", 70)
    )
    answer = await explain(db, "par_index", Question(), NOW)
    assert (answer["value"], answer["of"], answer["before"]) == (89.95, "2025", 88.1)
    assert [(row["unit"], row["period"], row["value"]) for row in answer["rows"]] == [(root, "2025", 89.95)]
    assert (await explain(db, "par_index", Question(period="2024"), NOW))["value"] == 88.1


async def test_the_share_the_portal_shows_leads_to_its_differences(store: Store, db: Connection) -> None:
    await store.declare(Profile(name="portal", title="Cổng", calendar=CALENDAR))
    await bring(store, "by_date", NOW - DAY, item("A"), item("B"), item("C", unit="U02"))
    await bring(store, "portal", NOW - DAY, item("A", kind=Kind.MIRROR))
    answer = await explain(db, "portal_sync_rate", Question(), NOW)
    counts = {part["indicator"]: (part["count"], part["items"]) for part in answer["parts"]}
    assert (answer["value"], counts["expected"], counts["found"]) == (33.33, (3, None), (1, None))
    assert counts["missing_there"] == (2, "/api/v1/differences?kind=missing_there")
    assert (answer["instant"]["same"], answer["mixed"]) == (True, False), "both were imported at one instant"
    part = await explain(db, "portal_sync_rate", Question(unit="U01"), NOW)
    assert (part["value"], part["differences"]) == (50.0, "/api/v1/differences?unit=U01")


async def test_a_name_a_mark_or_a_unit_there_is_not_is_named_with_what_would_do(store: Store, db: Connection) -> None:
    with pytest.raises(IndicatorError, match=r"'dossiers_overdu'.*dossiers_overdue"):
        await explain(db, "dossiers_overdu", Question(), NOW)
    with pytest.raises(IndicatorError, match=r"'visit'.*visits"):
        await explain(db, "visit", Question(), NOW)
    with pytest.raises(PeriodError, match="as_of"):
        await explain(db, "dossiers_overdue", Question(seen="1:1:"), NOW)
    with pytest.raises(PeriodError, match="2024-13"):
        await explain(db, "visits", Question(period="2024-13"), NOW)
    with pytest.raises(UnitError, match="U99"):
        await explain(db, "dossiers_overdue", Question(unit="U99"), NOW)
    for wrong in ("", "1", "1:2", "2:1:", "1:5:7", "1:5:3,2", "1:5:x", "-1:5:", "1:9223372036854775808:", "1:2:" + "1," * 5000):
        with pytest.raises(PeriodError):
            snapshot(wrong)
    assert snapshot("10:15:11,13") == "10:15:11,13"


KPIS = ("dossiers_in_progress", "dossiers_received", "dossiers_overdue", "online_rate", "early_and_on_time_rate")


def shown(wall: Screen) -> dict[str, Any]:
    """What the wall shows at this moment, with the mark it came with."""
    found: dict[str, Any] = json.loads(json.dumps(wall.topics["overview"]))
    return found


async def as_shown(server: Program, wall: dict[str, Any]) -> int:
    """The wall's numbers explained and listed: all equal; returns how many were not zero."""
    mark, some = wall["measured"], 0
    for name in KPIS:
        kpi = wall[f"kpi.{name}"]
        answer = await server.get("/api/v1/explain", indicator=name, period=kpi["period"], as_of=mark["at"], seen=mark["seen"])
        assert answer["value"] == kpi["v"], name
        assert answer["as_of"] == mark["at"]
        for part in answer["parts"][:2]:  # of a rate its two sides
            listed = await server.get(part["items"] + "&limit=1000")
            assert len(listed["items"]) == part["count"], (name, part)
        some += bool(kpi["v"])
    return some


async def test_what_a_wall_shows_is_explained_to_the_item_also_when_it_is_past_and_by_a_server_that_does_not_lead(
    tmp_path: Any, database_url: str
) -> None:
    records = [record(f"A{n}", "U1" if n % 2 else "U2", KenhThucHien=str(n % 3 + 1)) for n in range(9)]
    async with (
        province(tmp_path, database_url, records, every=0.5, source={"period": 60}) as (server, department),
        screen(server.port) as wall,
    ):
        await wall.until(ready)
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 9)
        pictures = [shown(wall)]
        for n in range(2):
            department.put(records[n] | {"TrangThaiHoSo": "10", "NgayKetThucXuLy": records[n]["NgayTiepNhan"]})
            department.put(record(f"B{n}", "U1"))
            await wall.until(lambda w, n=n: w.kpi("dossiers_resolved") == n + 1, within=20)  # type: ignore[misc]
            pictures.append(shown(wall))
        for picture in pictures:
            assert await as_shown(server, picture) >= 3
        first = await server.get(
            "/api/v1/explain", indicator="online_rate", as_of=pictures[0]["measured"]["at"], seen=pictures[0]["measured"]["seen"]
        )
        assert [(one["title"], one["type"], one["state"]) for one in first["inputs"]] == [("Một cửa", "rest", "fresh")]
        async with server.again() as second:
            assert second.center.leading is False
            assert await as_shown(second, pictures[0]) >= 3
            for path, words in {"explain?indicator=dossiers_overdu": "dossiers_overdue", "explain?indicator=x&seen=1:1:": "'x'"}.items():
                said = await second.get(f"/api/v1/{path}")
                assert words in said["en"] and said["vi"]  # noqa: PT018
            assert "as_of" in (await second.get("/api/v1/explain?indicator=dossiers_overdue&seen=1:1:"))["en"]


async def test_everything_that_is_declared_can_be_explained(store: Store, db: Connection) -> None:
    await bring(store, "by_date", NOW - HOUR, item("A"))
    for name in names():
        answer = await explain(db, name, Question(period="month"), NOW)
        assert answer["indicator"] == name
        assert json.dumps(answer)
        assert answer["definition"]["version"] == define(name).version
    assert replace(define("visits"), name="x").version == define("visits").version
