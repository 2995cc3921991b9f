"""What systems report and what the portal shows otherwise, on the whole program: on the wall with its sources, and the list behind it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from collectors.departments.portal import Portal
from ioc.server.rounds import compare_mirrors
from tests.acceptance.test_journey import province, record, utcnow, written
from tests.program import MAPPINGS, screen

LONG_AGO = timedelta(hours=30)
VOTES = """
name = "paper"
[figures]
unit = "donVi"
period = { from = "ngay", shape = "day" }
[figures.values]
votes_very_satisfied = "rhl"
votes_satisfied = "hl"
votes_unsatisfied = "khl"
"""


def old(code: str, state: str = "4", **more: str) -> dict[str, Any]:
    """A dossier that came long enough ago to be on the portal."""
    at = written(utcnow() - LONG_AGO)
    return record(code, state=state, NgayTiepNhan=at, NgayHenTra=written(utcnow() + timedelta(days=9)), CapNhat=at, **more)


async def test_reported_votes_are_a_number_of_the_wall_with_their_source_and_a_correction_moves_it(
    tmp_path: Any, database_url: str
) -> None:
    (tmp_path / "votes.toml").write_text(VOTES, encoding="utf-8")
    votes, today = tmp_path / "votes.json", f"{utcnow() + timedelta(hours=7):%Y-%m-%d}"
    votes.write_text(json.dumps([{"donVi": "U1", "ngay": today, "rhl": 700, "hl": 72, "khl": 40}]), encoding="utf-8")
    entry = {"name": "paper", "type": "files", "path": "votes.json", "mapping": "votes.toml", "every": 0.5}
    aim = {"kpi": "satisfaction_rate", "min": 96}
    async with (
        province(tmp_path, database_url, [old("A")], also=[entry], target=[aim]) as (server, _),
        screen(server.port) as wall,
    ):
        await wall.until(lambda w: w.kpi("satisfaction_rate") == 95.1)
        tile = wall.value("kpi.satisfaction_rate")
        assert (tile["st"], tile["parts"], tile["q"]["src"], tile["period"]) == ("warn", {"n": 812}, ["paper"], today[:7])
        votes.write_text(json.dumps([{"donVi": "U1", "ngay": today, "rhl": 740, "hl": 72, "khl": 0}]), encoding="utf-8")
        await wall.until(lambda w: w.kpi("satisfaction_rate") == 100)
        told = (await server.get("/api/v1/figures", span="today", unit="U1"))["figures"]
        assert (told["votes_very_satisfied"]["value"], told["votes_very_satisfied"]["measured_in"]) == (740, "phiếu")
        assert (told["satisfaction_rate"]["value"], told["satisfaction_rate"]["sources"]) == (100, ["paper"])
        assert (await server.get("/api/v1/figures", span="today", unit="U2"))["figures"] == {}


async def test_what_the_portal_shows_otherwise_is_a_number_and_its_list_and_never_counts_twice(tmp_path: Any, database_url: str) -> None:
    ours = [old("SAME"), old("LOST"), old("WAITS", "5"), old("DUE")]
    theirs = [old("SAME"), {**old("WAITS", "9"), "NgayKetThucXuLy": written(utcnow() - LONG_AGO)}, {**old("DUE"), "NgayHenTra": ""}]
    portal = Portal(theirs, clock=utcnow, password="pw", dstcode="DVC")
    (tmp_path / "dvcqg.toml").write_text((MAPPINGS / "dvcqg.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pw").write_text("pw", encoding="utf-8")
    async with portal.serving() as url:
        entry = {"name": "dvcqg", "type": "dvcqg", "adapter": url.removesuffix("/mapi/g"), "madonvi": "H99", "username": "ioc",
                 "every": 0.5, "dstcode": "DVC", "password_file": "pw", "mapping": "dvcqg.toml"}  # fmt: skip
        async with (
            province(tmp_path, database_url, ours, also=[entry]) as (server, _),
            screen(server.port) as wall,
        ):
            await wall.until(lambda w: (w.value("src.dvcqg", "sources") or {}).get("items") == 3 and w.kpi("dossiers_in_progress") == 3)
            await compare_mirrors(server.center)
            await wall.until(lambda w: w.kpi("portal_sync_rate") == 75)
            assert wall.value("kpi.portal_sync_rate")["parts"] == {"differences": 3, "missing": 1, "trap": 1}
            listed = (await server.get("/api/v1/differences"))["items"]
            assert {(one["code"], one["kind"]) for one in listed} == {("LOST", "missing_there"), ("WAITS", "trap"), ("DUE", "other_due")}
            assert [one["code"] for one in (await server.get("/api/v1/differences", kind="trap", unit="U1"))["items"]] == ["WAITS"]
            assert (wall.kpi("dossiers_in_progress"), wall.kpi("dossiers_waiting")) == (3, 1)
