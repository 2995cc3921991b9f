"""A commune is merged while the server runs: its open dossiers are shown at its heir, none twice, none lost; both can be asked about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import aiohttp

from ioc.db import connect
from ioc.unit_book import apply
from ioc.unit_files import parsed
from tests.acceptance.test_journey import LOCAL, province, record, utcnow, written
from tests.program import Screen, screen


def cells(wall: Screen) -> dict[str, tuple[str, int, int]]:
    return {key: (cell["name"], cell["open"], cell["over"]) for key, cell in wall.topics.get("overview", {}).items() if key[:5] == "cell."}


async def test_a_merger_is_taken_up_without_a_restart(tmp_path: Any, database_url: str) -> None:
    late, done = timedelta(hours=-1), written(utcnow())
    today = f"{utcnow().astimezone(LOCAL):%Y-%m-%d}"
    merged = f"""code,name,level,parent,valid_from,valid_to,successor,short,row,col
P,Tỉnh Thử,province,,,,,,,
U1,P. Một,commune,P,,{today},U2,Một,0,0
U2,X. Hai,commune,P,,{today},,Hai,0,1
U2,P. Một Hai,commune,P,{today},,,Một Hai,0,1
S1,Sở Ba,department,P,,,,,,
"""
    records = [record("A", due=late), record("B", "U2"), record("C", "S1")]
    async with province(tmp_path, database_url, records) as (server, department), screen(server.port) as wall:
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 3)
        assert cells(wall) == {"cell.U1": ("P. Một", 1, 1), "cell.U2": ("X. Hai", 1, 0)}
        async with await connect(database_url) as db:
            await apply(db, parsed(merged.encode(), "units.csv"), utcnow())
        await wall.until(lambda w: cells(w) == {"cell.U2": ("P. Một Hai", 2, 1)}, within=12)
        assert wall.kpi("dossiers_in_progress") == 3
        assert [(row["code"], row["over"]) for row in wall.value("attention")["rows"]] == [("U2", 1)]
        behind = await server.get("/api/v1/items", indicator="dossiers_in_progress", unit="U2")
        assert sorted(one["code"] for one in behind["items"]) == ["A", "B"]
        department.put(record("A", "U1", "10", due=late, NgayKetThucXuLy=done))  # its system still says the old office
        await wall.until(lambda w: cells(w) == {"cell.U2": ("P. Một Hai", 1, 0)}, within=5)
        await _answers(server.url, today)


async def _answers(url: str, today: str) -> None:
    """What is told about units over HTTP."""
    before = (datetime.fromisoformat(today) - timedelta(days=1)).date().isoformat()
    async with aiohttp.ClientSession(url) as http:

        async def get(path: str) -> tuple[int, Any]:
            async with http.get(f"/api/v1/units{path}") as answer:
                return answer.status, await answer.json()

        _, now = await get("")
        assert (now["day"], now["roots"], now["next"]) == (today, ["P"], None)
        assert [(unit["code"], unit["name"], unit["parent"]) for unit in now["units"]] == [
            ("P", "Tỉnh Thử", None),
            ("S1", "Sở Ba", "P"),
            ("U2", "P. Một Hai", "P"),
        ]
        _, then = await get(f"?day={before}&limit=3")
        assert [unit["name"] for unit in then["units"]] == ["Tỉnh Thử", "Sở Ba", "P. Một"]
        assert [unit["name"] for unit in (await get(f"?day={before}&after={then['next']}"))[1]["units"]] == ["X. Hai"]
        _, one = await get("/U2")
        assert [stretch["name"] for stretch in one["stretches"]] == ["X. Hai", "P. Một Hai"]
        assert (one["predecessors"], one["successors"]) == (["U1"], [])
        _, gone = await get("/U1")
        assert (gone["successors"], gone["counts_at"]) == (["U2"], "U2")
        for path, code in (("?day=30/06/2025", "bad_time"), ("/U9", "unknown_unit")):
            status, answer = await get(path)
            assert (status, answer["code"]) == (400, code)
