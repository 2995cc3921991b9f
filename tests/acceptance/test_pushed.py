"""A system that calls us, on the whole program: from its call to the wall, played twice, at a server that does not lead, in quarantine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp

from collectors.departments.kiosk import Kiosk, signed
from ioc.db import Connection
from ioc.pushes import forget
from tests.acceptance.test_journey import UNITS, record, utcnow
from tests.program import MAPPINGS, Program, program, screen

SECRET = "một khóa bí mật đủ dài"
VOTES = """name = "votes"
[figures]
unit = "donVi"
period = { from = "ngay", shape = "day" }
[figures.values]
votes_satisfied = "haiLong"
votes_unsatisfied = "khongHaiLong"
"""


@asynccontextmanager
async def pushed(folder: Path, database_url: str, redis_url: str = "") -> AsyncIterator[Program]:
    """A server with two systems that call it: one with dossiers, one with votes."""
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "secret").write_text(SECRET, encoding="utf-8")
    (folder / "onestop.toml").write_text((MAPPINGS / "onestop.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "votes.toml").write_text(VOTES, encoding="utf-8")
    common = {"type": "push", "secret_file": "secret", "every": 60}
    sources = [
        {"name": "onestop", "mapping": "onestop.toml", **common},
        {"name": "kiosk", "mapping": "votes.toml", **common},
    ]
    raw = {"server": {"province": "Tỉnh Thử"}, "units": "units.csv", "source": sources}
    async with program(raw, database_url, redis_url, folder=folder) as running:
        yield running


def caller(server: Program, source: str) -> Kiosk:
    return Kiosk(url=f"{server.url}/api/v1/push/{source}", secret=SECRET, clock=utcnow)


async def test_what_is_pushed_is_on_the_wall_at_once_and_twice_changes_nothing(tmp_path: Path, database_url: str, db: Connection) -> None:
    async with pushed(tmp_path, database_url) as server, screen(server.port) as wall:
        kiosk = caller(server, "onestop")
        kiosk.put(record("A"), record("B", "nowhere"), record("C", state="77"))
        (told,) = await kiosk.call()
        assert (told.status, told.answer["kept"], told.answer["quarantined"]) == (200, 1, 2)
        reasons = [each["reason"] for each in told.answer["results"]]
        assert reasons[0] == ""
        assert "unknown unit 'nowhere'" in reasons[1]
        assert "unknown code '77'" in reasons[2]
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 1, within=5)
        await wall.until(lambda w: (w.value("src.onestop", "sources") or {}).get("st") == "fresh", within=5)
        kiosk.put(record("A"))
        assert (await kiosk.call())[0].status == 200
        count = await (await db.execute("select count(*), count(distinct code) from transitions")).fetchone()
        assert count is not None
        assert count[1] == 1
        assert await (await db.execute("select count(*) from quarantine where resolved_at is null")).fetchone() == (2,)


async def test_a_call_played_again_is_answered_409_at_every_server_and_forgotten_after_an_hour(
    tmp_path: Path, database_url: str, redis_url: str, db: Connection
) -> None:
    async with pushed(tmp_path, database_url, redis_url) as first, first.again() as second:
        body = json.dumps([record("A")]).encode()
        headers = signed(SECRET, body, utcnow())
        statuses = []
        async with aiohttp.ClientSession() as http:
            for server in (first, first, second):
                async with http.post(f"{server.url}/api/v1/push/onestop", data=body, headers=headers) as answer:
                    statuses.append((answer.status, (await answer.json()).get("code")))
        assert statuses == [(200, None), (409, "taken_before"), (409, "taken_before")]
        (later,) = await caller(first, "onestop").call()
        assert later.status == 200
        await db.execute("update pushes set at = at - interval '61 minutes'")
        assert await forget(db, utcnow()) == 1, "the newest of the source stays"


async def test_a_push_at_a_server_that_does_not_lead_is_on_every_wall(tmp_path: Path, database_url: str, redis_url: str) -> None:
    async with pushed(tmp_path, database_url, redis_url) as first, first.again() as second, screen(first.port) as wall:
        await wall.until(lambda w: w.value("cell.U1") is not None, within=10)
        assert (first.center.leading, second.center.leading) == (True, False)
        kiosk = caller(second, "onestop")
        kiosk.put(record("A"), record("B"))
        assert (await kiosk.call())[0].status == 200
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 2, within=5)
        await wall.until(lambda w: (w.value("src.onestop", "sources") or {}).get("st") == "fresh", within=8)


async def test_figures_are_pushed_like_items_and_each_vote_record_is_told_its_fate(
    tmp_path: Path, database_url: str, db: Connection
) -> None:
    async with pushed(tmp_path, database_url) as server:
        kiosk, today = caller(server, "kiosk"), f"{utcnow() + timedelta(hours=7):%Y-%m-%d}"
        kiosk.put({"donVi": "U1", "ngay": today, "haiLong": 12, "khongHaiLong": 1})
        kiosk.put({"donVi": "U2", "ngay": today, "haiLong": "mười", "khongHaiLong": 2}, {"donVi": "X9", "ngay": today, "haiLong": 1})
        (told,) = await kiosk.call()
        assert [each["result"] for each in told.answer["results"]] == ["kept", "quarantined", "quarantined"]
        assert "unknown unit 'X9'" in told.answer["results"][2]["reason"]
        rows = await (await db.execute("select name, value from figures order by name, value")).fetchall()
        assert rows == [("votes_satisfied", 12.0), ("votes_unsatisfied", 1.0), ("votes_unsatisfied", 2.0)]


async def test_a_store_that_is_away_keeps_nothing_back_from_the_caller(tmp_path: Path, database_url: str, db: Connection) -> None:
    async with pushed(tmp_path, database_url) as server:
        await db.execute("alter table quarantine rename to quarantine_away")
        kiosk = caller(server, "onestop")
        kiosk.put(record("A", state="77"))
        (told,) = await kiosk.call()
        assert (told.status, told.answer["code"], told.retry_after, len(kiosk.waiting)) == (503, "not_stored", "5", 1)
        await db.execute("alter table quarantine_away rename to quarantine")
        (told,) = await kiosk.call()
        assert (told.status, told.answer["quarantined"], kiosk.waiting) == (200, 1, [])
