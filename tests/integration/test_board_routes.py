"""The board, comparisons, breakdowns, documents and tasks on the whole program: over HTTP and on the command line, the same numbers."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import aiohttp

from tests.acceptance.test_journey import province, record, utcnow, written
from tests.conftest import ROOT
from tests.program import screen


def ioc(database_url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "IOC_DATABASE_URL": database_url, "COLUMNS": "300"}
    return subprocess.run([sys.executable, "-m", "ioc", *words], env=environment, capture_output=True, text=True, timeout=60, cwd=ROOT)


async def test_boards_comparisons_and_parts_over_http_and_on_the_command_line(tmp_path: Any, database_url: str) -> None:
    fields = ("Đất đai", "Hộ tịch", "Xây dựng")
    records = [record(f"A{n:02}", ("U1", "U2", "S1")[n % 3], TenLinhVuc=fields[n % 2]) for n in range(14)]
    records += [record(f"B{n}", "U1", "10", NgayKetThucXuLy=written(utcnow() - timedelta(minutes=5))) for n in range(3)]
    async with province(tmp_path, database_url, records) as (server, _), screen(server.port) as wall:
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 14)
        board = await server.get("/api/v1/board", period="month", sort="-resolved")
        assert board["checks"] == []
        assert [(row["unit"], row["values"]["resolved"], row["values"]["in_progress"]) for row in board["rows"]] == [
            ("U1", 3, 5), ("U2", 0, 5), ("S1", 0, 4),
        ]  # fmt: skip
        assert (board["total"]["unit"], board["total"]["values"]["received"]) == ("P", 17)
        column = next(one for one in board["columns"] if one["key"] == "in_progress")
        cell = {"unit": "U2", "period": board["period"], "as_of": board["as_of"]}
        listed = await server.get("/api/v1/items", indicator=column["indicators"][0], **cell)
        assert len(listed["items"]) == 5
        communes = await server.get("/api/v1/board", period="month", level="commune")
        assert (len(communes["rows"]), communes["total"]["only"], communes["total"]["values"]["received"]) == (2, "commune", 13)
        whole = await server.get("/api/v1/items", indicator="dossiers_received", only="commune", period="month")
        assert len(whole["items"]) == 13
        async with aiohttp.ClientSession() as http, http.get(server.url + "/api/v1/board?period=month&format=csv") as answer:
            assert answer.headers["content-type"] == "text/csv; charset=utf-8"
            assert answer.headers["content-disposition"].startswith('attachment; filename="bang-tong-hop_P_month_')
            assert (await answer.read()).decode().splitlines()[-1].startswith("Tổng cộng;;17;0;17;3;")

        told = await server.get("/api/v1/compare", indicator="dossiers_received", period="month", how="year")
        assert (told["value"], told["then"]["value"], told["difference"], told["per_cent"]) == (17, 0, 17, None)
        parts = await server.get("/api/v1/breakdown", indicator="dossiers_in_progress", by="field", top=1)
        assert ([part["part"] for part in parts["parts"]], parts["others"], parts["value"]) == (["Đất đai"], {"parts": 1, "value": 7}, 14)
        behind = await server.get("/api/v1/breakdown/items", indicator="dossiers_in_progress", by="field", part="Hộ tịch", limit=5)
        assert (len(behind["items"]), behind["next"]) == (5, f"onestop/{behind['items'][-1]['code']}")
        rest = await server.get(
            "/api/v1/breakdown/items", indicator="dossiers_in_progress", by="field", part="Hộ tịch", after=behind["next"]
        )  # fmt: skip
        assert (len(rest["items"]), rest["next"]) == (2, None)
        assert (await server.get("/api/v1/documents", period="today"))["funnel"][0]["value"] == 0
        assert (await server.get("/api/v1/tasks", period="quarter"))["overdue"] == []
        for path, words in {
            "/api/v1/board?sort=speed": "speed",
            "/api/v1/board?period=2026-W54": "2026-W54",
            "/api/v1/board?unit=U9": "U9",
            "/api/v1/compare?indicator=dossiers_received": "all",
            "/api/v1/compare?indicator=x&period=today": "'x'",
            "/api/v1/breakdown?indicator=dossiers_received&by=colour": "colour",
            "/api/v1/breakdown?indicator=online_rate&by=unit": "dossiers_received_online",
        }.items():
            said = await server.get(path)
            assert words in said["en"], path
            assert said["vi"]
        assert "detail" in await server.get("/api/v1/board", level="province")

        told_here = await asyncio.to_thread(
            ioc, database_url, "board", "--unit", "P", "--period", board["period"], "--as-of", board["as_of"], "--json"
        )
        ours = json.loads(told_here.stdout)
        assert {row["unit"]: row["values"] for row in ours["rows"]} == {row["unit"]: row["values"] for row in board["rows"]}
        file = tmp_path / "bang.csv"
        await asyncio.to_thread(ioc, database_url, "board", "--period", "month", "--csv", str(file))
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")
        shown = await asyncio.to_thread(ioc, database_url, "breakdown", "dossiers_received", "--by", "unit")
        assert "P. Một" in shown.stdout
        wrong = await asyncio.to_thread(ioc, database_url, "compare", "online_rate", "--period", "month", "--how", "week")
        assert (wrong.returncode, "longer than a week" in wrong.stderr, "Traceback" in wrong.stderr) == (2, True, False)
