"""`ioc import` of workbooks, for items and for figures: what people type into sheets counts as what systems send."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ioc.__main__ import main
from ioc.db import connect
from ioc.store import create_units
from tests.conftest import ROOT

pytestmark = pytest.mark.services

MAPPINGS = ROOT / "examples" / "mappings"
Told = Callable[..., Any]


@pytest.fixture
def told(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs `ioc import ... --json` and answers what it says."""
    monkeypatch.setenv("IOC_DATABASE_URL", database_url)

    def run(*words: str) -> Any:
        monkeypatch.setattr(sys, "argv", ["ioc", "import", *words, "--json"])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        assert not end.value.code, err
        return json.loads(out)

    return run


def rows(database_url: str, query: str) -> list[tuple[Any, ...]]:
    async def ask() -> list[tuple[Any, ...]]:
        async with await connect(database_url) as db:
            return await (await db.execute(query.encode())).fetchall()

    return asyncio.run(ask())


def units(database_url: str, *codes: str) -> None:
    async def create() -> None:
        async with await connect(database_url) as db:
            await create_units(db, list(codes))

    asyncio.run(create())


def workbook(path: Path, **sheets: list[list[Any]]) -> str:
    book = openpyxl.Workbook()
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return str(path)


def test_votes_counted_by_hand_are_figures_and_twice_changes_nothing(told: Told, database_url: str, tmp_path: Path) -> None:
    units(database_url, "U1", "U2")
    heading = ["STT", "Mã đơn vị", "Ngày", "Mức độ hài lòng", None, None]
    lower = [None, None, None, "Rất hài lòng", "Hài lòng", "Không hài lòng"]
    lines: list[list[Any]] = [[1, "U1", datetime(2026, 9, 14), 10, 5, 1], [2, "U2", 46279, 7, "—", 0], ["Tổng cộng", None, None, 17, 5, 1]]
    path = workbook(tmp_path / "phieu.xlsx", Bìa=[], Phiếu=[["KHẢO SÁT HÀI LÒNG"], [], heading, lower, *lines])
    words = (path, "--mapping", str(MAPPINGS / "votes.toml"), "--skip", "Tổng cộng")
    assert told(*words) == {"read": 2, "items": 0, "quarantined": 0, "suspect": 0, "transitions": 5, "figures": 5}
    assert told(*words)["transitions"] == 0
    found = rows(database_url, "select u.code, f.period, f.name, f.value from figures f join units u on u.id = f.unit order by 1, 3")
    assert found == [
        ("U1", "2026-09-14", "votes_satisfied", 5.0), ("U1", "2026-09-14", "votes_unsatisfied", 1.0),
        ("U1", "2026-09-14", "votes_very_satisfied", 10.0), ("U2", "2026-09-14", "votes_unsatisfied", 0.0),
        ("U2", "2026-09-14", "votes_very_satisfied", 7.0),
    ]  # fmt: skip


def test_dossiers_of_a_named_sheet_are_items(told: Told, database_url: str, tmp_path: Path) -> None:
    units(database_url, "UBND xã A")
    heading = ["Mã hồ sơ", "Đơn vị", "Trạng thái", "Ngày nhận", "Ngày hẹn trả", "Ngày trả", "Thủ tục", "Họ tên"]
    line = ["HS-1", "UBND xã A", "Đang giải quyết", datetime(2026, 9, 1, 8, 30), datetime(2026, 9, 20), None, "Khai sinh", "Nguyễn Văn Thử"]
    path = workbook(tmp_path / "ho-so.xlsx", Khác=[["không phải bảng này"]], Hồ_sơ=[heading, line])
    done = told(path, "--mapping", str(MAPPINGS / "simple.toml"), "--sheet", "Hồ_sơ")
    assert (done["items"], done["quarantined"], "figures" in done) == (1, 0, False)
    assert rows(database_url, "select code, to_char(received_at at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY HH24:MI') from items") == [
        ("HS-1", "01/09/2026 08:30")
    ]


@pytest.fixture
def typed(database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs `ioc figure ...` and answers its status with what it says."""
    monkeypatch.setenv("IOC_DATABASE_URL", database_url)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["ioc", "figure", *words, "--json"])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out or said.err

    return run


def test_a_published_index_can_be_typed_in_and_corrected(typed: Told, database_url: str) -> None:
    async def units() -> None:
        async with await connect(database_url) as db:
            await create_units(db, ["U1"])

    async def kept() -> list[tuple[Any, ...]]:
        async with await connect(database_url) as db:
            asked = "select source, name, period, value, measured_in from figures order by learned_at"
            return list(await (await db.execute(asked)).fetchall())

    assert "no units yet" in typed("par_index", "88.54", "--period", "2025")[1]
    asyncio.run(units())
    assert typed("par_index", "88.54", "--period", "2025") == (0, '{"changed": true}\n')
    assert typed("par_index", "88.54", "--period", "2025") == (0, '{"changed": false}\n')
    assert typed("par_index", "89", "--period", "2025", "--reported-at", "2026-04-15")[0] == 0
    assert asyncio.run(kept()) == [("typed", "par_index", "2025", 88.54, "điểm"), ("typed", "par_index", "2025", 89.0, "điểm")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("par_indx", "1", "--period", "2025"), "no such figure"),
        (("par_index", "nan", "--period", "2025"), "from 0 on"),
        (("par_index", "1", "--period", "2999"), "has not begun"),
        (("par_index", "1", "--period", "soon"), "is not understood"),
    ],
)
def test_what_is_no_figure_is_refused_with_the_remedy(typed: Told, words: tuple[str, ...], said: str) -> None:
    status, told = typed(*words)
    assert (status, said in told) == (2, True)
