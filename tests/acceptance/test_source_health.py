"""Every way a department system goes wrong is seen on /api/v1/sources and on the live topic within its grace, and goes when it is mended.

One program reads eight departments at once, one knob each; period and grace are so short that this takes seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from collectors.departments.kiosk import Kiosk
from collectors.departments.onestop import Department
from ioc.db import Connection
from ioc.server.jobs import watch
from ioc.server.rounds import keep_ledger, look_back, tidy
from ioc.watchbook import accept
from tests.acceptance.test_journey import UNITS, province, record, utcnow
from tests.program import MAPPINGS, Program, Screen, program, screen

SECRET = "một khóa bí mật đủ dài"
PERIOD, GRACE, SOON = 2.0, 1.0, 2.0  # the departments write whole seconds: a shorter period would be passed by rounding alone
BOUND = PERIOD + GRACE + SOON  # seconds until a silence must show
KNOBS: Mapping[str, Mapping[str, Any]] = {
    "slow": {"delay": 20.0},
    "failing": {"errors": 1.0},
    "silent": {"silent": True},
    "yesterday": {"yesterday": True},
    "renamed": {"renamed": {"TrangThaiHoSo": {"4": "77"}}},
    "dropped": {"dropped": ["NgayHenTra"]},
    "added": {"added": {"TruongMoi": "1"}},
    "ahead": {"skew": 3600.0},
}
RIGHT: Mapping[str, Any] = {
    "delay": 0.0, "errors": 0.0, "silent": False, "yesterday": False, "renamed": {}, "dropped": [], "added": {}, "skew": 0.0,
}  # fmt: skip
SHOWS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "slow": lambda s: s["st"] == "down" and "no complete answer" in s["why"],
    "failing": lambda s: s["st"] == "down" and "500" in s["why"],
    "silent": lambda s: s["st"] == "down",
    "yesterday": lambda s: s["st"] == "stale" and s["obs"] - s["as_of"] > 1000,
    "renamed": lambda s: [(d["what"], d["name"]) for d in s["drift"]] == [("unknown_code", "TrangThaiHoSo: '77'")] and s["bad"] >= 1,
    "dropped": lambda s: [(d["what"], d["name"]) for d in s["drift"]] == [("missing_field", "NgayHenTra")],
    "added": lambda s: [(d["what"], d["name"]) for d in s["drift"]] == [("new_field", "TruongMoi")],
    "ahead": lambda s: abs(s["skew"] - 3600) <= 2,
}


@asynccontextmanager
async def departments(tmp_path: Any, database_url: str) -> AsyncIterator[tuple[Program, dict[str, Department]]]:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "onestop.toml").write_text((MAPPINGS / "onestop.toml").read_text(encoding="utf-8"), encoding="utf-8")
    systems = {name: Department([record(f"{name}-A"), record(f"{name}-B", "U2")], clock=utcnow) for name in KNOBS}
    async with AsyncExitStack() as stack:
        sources = [
            {
                "name": name, "type": "rest", "title": name.title(), "mapping": "onestop.toml", "url": await stack.enter_async_context(
                    department.serving()
                ), "every": 0.5, "period": PERIOD, "grace": GRACE, "records": "result", "updated": "CapNhat", "as_of": "ThoiDiem",
                "read_timeout": 0.3, "timeout": 0.5,
            }
            for name, department in systems.items()
        ]  # fmt: skip
        raw = {"units": "units.csv", "source": sources, "calendar": {"compare": "instant"}}
        async with program(raw, database_url, folder=tmp_path) as running:
            yield running, systems


def shown(wall: Screen, name: str) -> Mapping[str, Any]:
    return wall.value(f"src.{name}", "sources") or {}


def well(state: Mapping[str, Any]) -> bool:
    return bool(state) and (state["st"], state["drift"], state["skew"], state["why"]) == ("fresh", [], 0, "")


async def test_each_knob_shows_within_its_grace_and_goes_when_it_is_turned_back(tmp_path: Any, database_url: str, db: Connection) -> None:
    async with departments(tmp_path, database_url) as (server, systems), screen(server.port) as wall:
        await wall.until(lambda w: all(well(shown(w, name)) for name in KNOBS), within=15)
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 16)
        began = await turned(systems)
        await wall.until(lambda w: all(shows(shown(w, name)) for name, shows in SHOWS.items()), within=BOUND)
        assert time.monotonic() - began < BOUND + 0.5
        asked = {state["name"]: state for state in (await server.get("/api/v1/sources"))["sources"]}
        assert all(shows(asked[name]) for name, shows in SHOWS.items()), "the same when asked"
        assert [name for name in KNOBS if asked[name]["st"] == "fresh"] == ["renamed", "dropped", "added", "ahead"]
        await numbers_stand_and_say_so(wall)
        await wall.until(lambda w: shown(w, "failing")["next"] is not None, within=5)
        for name, department in systems.items():
            department.turn(RIGHT)
            department.put(record(f"{name}-A"))
            department.put(record(f"{name}-B", "U2"))
        await wall.until(lambda w: all(well(shown(w, name)) for name in KNOBS if name != "added"), within=12)
        await flips_are_dated(server)
        assert SHOWS["added"](shown(wall, "added")), "a new field is told until somebody accepts it"
        assert await accept(db, "added", [], utcnow()) == (["TruongMoi"], [])
        await wall.until(lambda w: well(shown(w, "added")), within=8)
        assert 'ioc_source_state{source="silent",state="fresh"} 1.0' in await server.text("/metrics")


async def turned(systems: Mapping[str, Department]) -> float:
    for name, department in systems.items():
        department.turn(KNOBS[name])
    systems["renamed"].put(record("renamed-A"))
    systems["added"].put(record("added-A"))
    for n in range(25):
        systems["dropped"].put(record(f"dropped-{n:02}"))
    return time.monotonic()


async def numbers_stand_and_say_so(wall: Screen) -> None:
    """A value of a silent source stays, and says that it may be old; a renamed code holds the last good value."""
    await wall.until(lambda w: w.kpi("dossiers_in_progress") == 16 + 25, within=3)
    await wall.until(lambda w: w.value("kpi.dossiers_in_progress")["q"]["cov"] == [0, 2], within=3)
    assert wall.value("cell.U1")["old"] is True
    assert wall.value("kpi.dossiers_in_progress")["q"]["bad"] >= 1


async def flips_are_dated(server: Program) -> None:
    past = (await server.get("/api/v1/sources/silent/history"))["flips"]
    states = [flip["state"] for flip in past]
    assert states[:3] == ["never", "fresh", "late"]
    assert states[-1] == "fresh"
    assert "down" in states
    assert [flip["at"] for flip in past] == sorted(flip["at"] for flip in past)
    drifted = (await server.get("/api/v1/sources/renamed/history"))["flips"]
    assert [bool(flip["drift"]) for flip in drifted] == [False, False, True, False]
    assert (await server.get("/api/v1/sources/nobody/history"))["detail"]["code"] == "unknown_source"


async def test_a_restart_flips_nothing_by_itself(tmp_path: Any, database_url: str, db: Connection) -> None:
    judged = {"period": 2.0, "grace": 1.0}
    async with province(tmp_path, database_url, [record("A")], source=judged) as (server, _), screen(server.port) as wall:
        await wall.until(lambda w: shown(w, "onestop").get("st") == "fresh")
        before = shown(wall, "onestop")["since"]
    await asyncio.sleep(4)  # longer than period and grace together
    async with province(tmp_path, database_url, [record("A")], source=judged) as (server, _), screen(server.port) as wall:
        asked = utcnow().timestamp() * 1000
        await wall.until(lambda w: shown(w, "onestop").get("obs", 0) > asked + 1000)
        assert shown(wall, "onestop")["since"] == before, "it has been fresh all along, as far as anybody knows"
    rows = await (await db.execute("select state from source_health order by at")).fetchall()
    assert [state for (state,) in rows] == ["never", "fresh"]


async def test_a_push_another_server_took_is_heard_by_the_one_that_leads(tmp_path: Any, database_url: str) -> None:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "onestop.toml").write_text((MAPPINGS / "onestop.toml").read_text(encoding="utf-8"), encoding="utf-8")
    source = {"name": "onestop", "type": "push", "mapping": "onestop.toml", "secret_file": "secret"}
    raw = {"units": "units.csv", "source": [source]}
    async with program(raw, database_url, folder=tmp_path) as first, first.again() as second, screen(first.port) as wall:
        await wall.until(lambda w: shown(w, "onestop").get("st") == "never")
        assert (first.center.leading, second.center.leading) == (True, False)
        kiosk = Kiosk(url=f"{second.url}/api/v1/push/onestop", secret=SECRET, clock=utcnow)
        kiosk.put(record("A"))
        assert [told.status for told in await kiosk.call()] == [200]
        await wall.until(lambda w: shown(w, "onestop").get("st") == "fresh", within=6)
        assert shown(wall, "onestop")["kind"] == "push"


async def test_the_breaker_asks_seldom_and_closes_with_the_first_answer(tmp_path: Any, database_url: str) -> None:
    async with province(tmp_path, database_url, [record("A")], every=0.3) as (server, department), screen(server.port) as wall:
        await wall.until(lambda w: well(shown(w, "onestop")))
        department.turn({"errors": 1.0})
        await wall.until(lambda w: shown(w, "onestop")["next"] is not None, within=12)
        asked = department.requests
        await asyncio.sleep(1.5)
        assert 1 <= department.requests - asked <= 3, "five polls of three tries each, were it closed"
        department.turn({"errors": 0.0})
        await wall.until(lambda w: well(shown(w, "onestop")) and shown(w, "onestop")["next"] is None, within=5)


async def test_a_silent_source_raises_its_alert_by_name_and_the_ledger_answers(tmp_path: Any, database_url: str) -> None:
    quiet = {"name": "quiet", "title": "Nguồn im lặng", "when": "silent", "severity": "P3", "todo": "Gọi đầu mối", "owner": "Trực ban"}
    feeder = {"source": "onestop", "units": "commune", "cutoff": "00:00", "days": "all", "since": "2026-01-01"}
    judged = {"period": 1.5, "grace": 0.5}
    async with (
        province(tmp_path, database_url, [record("A")], every=0.5, source=judged, rule=[quiet], feeder=[feeder]) as (server, department),
        screen(server.port) as wall,
    ):
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 1)
        department.turn({"errors": 1.0})
        await wall.until(lambda w: shown(w, "onestop")["st"] == "down", within=6)
        await watch(server.center)
        await wall.until(lambda w: bool(w.topics.get("alerts")), within=3)
        (alert,) = wall.topics["alerts"].values()
        assert (alert["subject"], alert["text_vi"], alert["st"], alert["frozen"]) == ("Một cửa", "im lặng 0 phút", "warn", False)
        assert alert["since"] <= shown(wall, "onestop")["since"], "it was silent from its first stale moment on"
        await keep_ledger(server.center)
        answer = await server.get("/api/v1/feeders", year=2026)
        assert {row["unit"] for row in answer["feeders"]} == {"U1", "U2"}
        counted = answer["feeders"][0]["year"]
        assert counted["due"] == counted["excused"] > 0, "no server listened then"
        assert (await server.text("/api/v1/feeders?year=2026&format=csv")).startswith("\ufeffNguồn,")
        assert "'U9'" in (await server.get("/api/v1/feeders", unit="U9"))["en"]


async def test_looking_back_brings_what_the_live_read_has_passed_and_tidying_leaves_what_holds(
    tmp_path: Any, database_url: str, db: Connection
) -> None:
    async with province(tmp_path, database_url, [record("A")], source={"lookback": 2}) as (server, department), screen(server.port) as wall:
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 1)
        department.put(record("B"))
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2)
        await db.execute("delete from items where code = 'A'")  # as if it had come late, behind the cursor
        await look_back(server.center, "onestop")
        rows = await (await db.execute("select code from items order by code")).fetchall()
        assert [code for (code,) in rows] == ["A", "B"]
        await tidy(server.center)
        assert await (await db.execute("select count(*) from source_health where state = 'fresh'")).fetchone() == (1,)
