"""/api/v1 on the whole program: the same answers as the command line, bounded lists, errors that say what to do, probes."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from tests.acceptance.test_journey import province, ready, record
from tests.program import screen


async def test_numbers_lists_pages_curves_and_errors(tmp_path: Any, database_url: str) -> None:
    records = [record(f"A{n:02}", "U1" if n % 3 else "U2") for n in range(25)]
    async with province(tmp_path, database_url, records) as (server, _), screen(server.port) as wall:
        await wall.until(lambda w: w.kpi("dossiers_in_progress") == 25)
        whole = await server.get("/api/v1/indicators", period="month")
        assert whole["indicators"]["dossiers_received"]["value"] == 25
        assert whole["checks"] == []
        part = await server.get("/api/v1/indicators", unit="U2")
        assert part["indicators"]["dossiers_in_progress"]["value"] == 9
        codes: list[str] = []
        after = None
        while True:
            page = await server.get("/api/v1/items", indicator="dossiers_in_progress", limit=10, **({"after": after} if after else {}))
            codes += [item["code"] for item in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert codes == sorted(r["MaHoSo"] for r in records)
        curve = await server.get("/api/v1/history", indicator="dossiers_in_progress", since="2026-01-01")
        assert curve["unit"] == "P"
        sources = await server.get("/api/v1/sources")
        assert [(s["name"], s["st"], s["items"]) for s in sources["sources"]] == [("onestop", "fresh", 25)]
        index = await server.get("/api/v1/index766", period="month")
        marks = {mark["id"]: mark["points"] for mark in index["estimate"]["criteria"]}
        assert (index["unit"], index["published"], marks["2.1"], marks["1.4"]) == ("P", None, 20, None)
        ranked = await server.get("/api/v1/index766/ranking", period="month", level="commune")
        assert [(row["unit"], row["rank"]) for row in ranked["units"]] == [("U1", 1), ("U2", 1)]
        assert (await server.get("/api/v1/yearly"))["series"] == []
        for path, words in {
            "/api/v1/index766?period=month&change=tasks_done:%2B1": "tasks_done",
            "/api/v1/index766?period=month&change=dossiers_late": "dossiers_late",
            "/api/v1/indicators?seen=1:1:": "as_of",
            "/api/v1/indicators?seen=x&as_of=2026-01-01": "'x'",
            "/api/v1/indicators?period=2024-13": "2024-13",
            "/api/v1/indicators?unit=U9": "U9",
            "/api/v1/indicators?as_of=yesterday": "yesterday",
            "/api/v1/items?indicator=dossiers": "dossiers",
            "/api/v1/history?indicator=x&since=2026-01-01": "'x'",
        }.items():
            said = await server.get(path)
            assert words in said["en"]
            assert said["vi"]
        assert "detail" in await server.get("/api/v1/items", indicator="dossiers_overdue", limit=5000)
        assert "/api/v1/indicators" in (await server.get("/api/openapi.json"))["paths"]


async def test_probes_metrics_and_the_way_without_a_socket(tmp_path: Any, database_url: str) -> None:
    async with province(tmp_path, database_url, [record("A")]) as (server, _), screen(server.port) as wall:
        await wall.until(ready)
        assert await server.get("/healthz") == {"status": "ok"}
        assert (await server.get("/readyz"))["measuring"] is True
        async with aiohttp.ClientSession() as http:
            async with http.get(server.url + "/metrics") as answer:
                text = await answer.text()
            for line in (
                'ioc_polls_total{outcome="ok",source="onestop"}',
                "ioc_screens 1.0",
                "ioc_meter_drift_total 0.0",
                "ioc_database_up 1.0",
            ):
                assert line in text
            assert "Nguyễn" not in text
            async with http.get(server.url + "/api/v1/snap?topics=alerts,nonsense") as answer:
                tag, body = answer.headers["ETag"], await answer.json()
            assert [topic["n"] for topic in body["topics"]] == ["alerts"]
            await asyncio.sleep(0)
            async with http.get(server.url + "/api/v1/snap?topics=alerts", headers={"If-None-Match": tag}) as answer:
                assert answer.status == 304
            async with http.get(server.url + "/wall") as answer:
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            async with http.get(server.url + "/assets/../../pyproject.toml") as answer:
                assert answer.status == 404
            async with http.get(server.url + "/assets/%2e%2e/%2e%2e/pyproject.toml") as answer:
                assert answer.status == 404


async def test_with_access_listed_nobody_else_sees_anything(tmp_path: Any, database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("IOC_TEST_WALL_TOKEN", "w" * 40)
    access = [{"name": "tv", "role": "wall", "token_env": "IOC_TEST_WALL_TOKEN"}]
    async with province(tmp_path, database_url, [record("A")], access=access) as (server, _), aiohttp.ClientSession() as http:
        async with http.get(server.url + "/api/v1/indicators") as answer:
            assert answer.status == 401
        async with http.get(server.url + "/api/v1/indicators", headers={"Authorization": "Bearer " + "w" * 40}) as answer:
            assert answer.status == 200
