"""The wall's past on the whole program: what was shown at an instant is shown again, whatever was corrected since."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ioc.server.jobs import watch
from tests.acceptance.test_journey import province, record, utcnow, written
from tests.program import Program, Screen, screen

UNTOLD = {"as_of", "obs", "lag"}  # how old a source's data were to the second is not kept


def comparable(overview: dict[str, Any]) -> dict[str, Any]:
    """What both must agree on: numbers, tiles, the list, the flow; of a number's quality what is kept."""
    told = {key: value for key, value in overview.items() if not key.startswith("spark.") and key != "measured"}
    for key, kpi in told.items():
        if key.startswith("kpi."):
            told[key] = {**kpi, "q": {name: value for name, value in kpi["q"].items() if name not in UNTOLD}}
    return told


async def shown(server: Program, wall: Screen) -> dict[str, Any]:
    """What the wall shows after a measure that began after everything so far."""
    begun = utcnow()
    await wall.until(lambda w: datetime.fromisoformat(w.value("measured")["at"]) > begun, within=5)
    return dict(wall.topics["overview"])


async def test_the_wall_of_then_is_replayed_after_corrections_came(tmp_path: Any, database_url: str) -> None:
    late, soon = timedelta(days=-2), timedelta(hours=2)
    records = [record("A", due=late), record("B", "U2"), record("C", "U2", due=soon), record("D", "S1", due=late), record("X", state="77")]
    async with province(tmp_path, database_url, records) as (server, department), screen(server.port) as wall:
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 4 and w.kpi("dossiers_overdue") == 2)
        await watch(server.center)
        await wall.until(lambda w: w.value("cell.U1")["st"] == "crit" and w.value("kpi.dossiers_overdue")["cmp"]["v"] is not None)
        then = await shown(server, wall)
        department.put(record("A", state="10", NgayKetThucXuLy=written(utcnow())))
        department.put(record("C", "U1", due=late))
        await wall.until(lambda w: w.kpi("dossiers_overdue") == 2 and w.kpi("dossiers_resolved") == 1)
        await watch(server.center)
        later = await shown(server, wall)
        for told in (then, later):
            at = told["measured"]["at"]
            again = await server.get("/api/v1/replay", at=at)
            assert (again["replayed"], again["at"]) == (True, at)
            (topic,) = again["topics"]
            assert topic["n"] == "overview"
            assert comparable(topic["set"]) == comparable(told)
        assert comparable(then) != comparable(later), "else nothing is shown"
        assert again["sources"]["onestop"]["st"] == "fresh"
        assert "yet to come" in (await server.get("/api/v1/replay", at="2199-01-01"))["detail"]["en"]
        assert (await server.get("/api/v1/replay", at="yesterday"))["code"] == "bad_time"
        before = await server.get("/api/v1/replay", at=(utcnow() - timedelta(days=300)).isoformat())
        assert before["topics"][0]["set"]["cell.U1"]["open"] == 0
        assert not any(key.startswith("kpi.") for key in before["topics"][0]["set"]), "of what nobody had heard there is no number"
