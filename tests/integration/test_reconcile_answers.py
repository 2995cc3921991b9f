"""Reconciliation and "why" where people meet them: on the command line, over HTTP, as a number on the wall and a gauge."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ioc.__main__ import main
from ioc.db import connect
from ioc.model import Batch, Gone
from ioc.reconcile import keep, published
from ioc.server.rounds import compare_published
from ioc.store import Store
from tests.acceptance.test_journey import province, ready, record
from tests.factories import item
from tests.program import screen

Run = Callable[..., tuple[int, str, str]]
JUNE = datetime(2024, 6, 3, 3, tzinfo=UTC)


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; its status, output and errors."""
    monkeypatch.setenv("IOC_DATABASE_URL", database_url)

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ioc", *words])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return command


async def fill(store: Store) -> None:
    """Ten dossiers of June 2024, due after two days and worked on; their source takes one back in July."""
    day = timedelta(days=1)
    made = [item(f"A-{n}", unit=f"U{n % 2 + 1:02}", received_at=JUNE + n * day, due_at=JUNE + (n + 2) * day) for n in range(10)]
    july = datetime(2024, 7, 5, tzinfo=UTC)
    await store.apply("by_date", Batch(position="1", items=made), july - timedelta(days=3))
    await store.apply("by_date", Batch(position="2", items=[Gone(code="A-3", happened_at=july)]), july)


async def test_a_sheet_is_compared_on_the_command_line_and_the_missing_dossier_is_named(store: Store, run: Run, tmp_path: Path) -> None:
    await fill(store)
    sheet = tmp_path / "june.csv"
    rows = ("dossiers_received,10", 'online_rate,"0,00"', "dossiers_resolved,4")
    sheet.write_text("unit,period,figure,value\n" + "".join(f"root,2024-06,{row}\n" for row in rows), "utf-8")
    code, out, err = await asyncio.to_thread(run, "reconcile", str(sheet))
    assert code == 0
    assert "hệ thống nguồn đã thu hồi hồ sơ / taken back by its source" in out
    assert "A-3" in out
    assert "+4 chưa rõ vì sao / nobody knows why" in out
    assert "1 số lệch chưa giải thích" in err
    code, out, _ = await asyncio.to_thread(run, "reconcile", "--json", "--set", "june")
    told = json.loads(out)
    assert (told["unexplained_differences"], told["verdicts"]["equal"], told["verdicts"]["explained"]) == (1, 1, 1)


async def test_a_sheet_that_cannot_be_read_is_refused_whole_with_its_rows(store: Store, run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "bad.json"
    sheet.write_text(json.dumps([{"unit": "root", "period": "2024-06", "figure": "dossiers_received", "value": "many"}]), "utf-8")
    code, _, err = await asyncio.to_thread(run, "reconcile", str(sheet))
    assert (code, "bad.json: row 1: value 'many' is no number" in err) == (2, True)
    _, out, _ = await asyncio.to_thread(run, "reconcile", "--json")
    assert json.loads(out)["figures"] == []


async def test_why_says_in_words_what_moved_and_refuses_what_it_cannot_split(store: Store, run: Run) -> None:
    await fill(store)
    words = ("why", "dossiers_overdue", "--from", "2024-06-05T12:00", "--to", "2024-06-30")
    code, out, _ = await asyncio.to_thread(run, *words)
    assert code == 0
    assert "Hồ sơ quá hạn +9 (0 → 9): U01 +5, U02 +4" in out
    _, out, _ = await asyncio.to_thread(run, *words, "--json", "--by", "field")
    told = json.loads(out)
    assert [(part["vi"], part["change"]) for part in told["parts"]] == [("Không ghi", 9)]
    code, _, err = await asyncio.to_thread(run, *words, "--by", "colour")
    assert (code, "colour" in err) == (2, True)


async def test_the_same_over_http_and_the_number_on_the_wall_is_the_length_of_its_list(tmp_path: Any, database_url: str) -> None:
    records = [record(f"A{n}", "U1" if n % 3 else "U2") for n in range(9)]
    async with province(tmp_path, database_url, records) as (server, _), screen(server.port) as wall:
        await wall.until(lambda w: ready(w) and w.kpi("dossiers_in_progress") == 9)
        assert (await server.get("/api/v1/reconciliation", fresh="true"))["figures"] == []
        now = datetime.now(UTC)
        cut_off = {"cut_off": (now - timedelta(seconds=1)).isoformat(), "unit": "P", "period": f"{now.astimezone():%Y}"}
        rows = [{**cut_off, "figure": "dossiers_received", "value": 9}, {**cut_off, "figure": "dossiers_in_progress", "value": 2}]
        async with await connect(database_url) as db:
            await keep(db, published(rows, now, "bulletin"), now)
        await compare_published(server.center)
        await wall.until(lambda w: w.kpi("unexplained_differences") == 1)
        told = await server.get("/api/v1/reconciliation", set="bulletin", verdict="unexplained")
        assert (told["unexplained_differences"], [line["figure"] for line in told["figures"]]) == (1, ["dossiers_in_progress"])
        (behind,) = told["figures"][0]["lists"].values()
        assert len((await server.get(behind))["items"]) == told["figures"][0]["ours"] == 9
        assert "ioc_unexplained_differences 1.0" in await server.text("/metrics")

        day = {"from": (now - timedelta(days=1)).isoformat(), "to": datetime.now(UTC).isoformat()}
        why = await server.get("/api/v1/why", indicator="dossiers_in_progress", by="unit", **day)
        assert why["change"] == 9 == sum(part["change"] for part in why["parts"])
        for part in why["parts"]:
            assert len((await server.get(part["list_after"]))["items"]) == part["after"]
            assert (await server.get(part["list_before"]))["items"] == []
        assert why["movement"]["entered_by"] == [{"what": "received", "vi": "mới tiếp nhận", "en": "received", "items": 9}]
        fields = await server.get("/api/v1/why", indicator="dossiers_in_progress", by="field", **day)
        (land,) = fields["parts"]
        assert len((await server.get(land["list_after"]))["items"]) == land["after"] == 9
        for wrong, said in (({"by": "colour"}, "colour"), ({"from": "soon"}, "soon"), ({"indicator": "x"}, "x")):
            assert said in (await server.get("/api/v1/why", **{"indicator": "dossiers_overdue", **day, **wrong}))["en"]
