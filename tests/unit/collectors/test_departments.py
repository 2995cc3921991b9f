"""The simulated departments behave as the systems they stand for: order, since, pages, tokens, stamps, and the command that runs one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from collectors.departments.data import last_rows, read_records
from collectors.departments.dialects import COMMUNE, DOCUMENTS, ONESTOP, RECEIPT
from collectors.departments.onestop import Department
from collectors.departments.shelf import Shelf

ROOT = Path(__file__).resolve().parents[3]
RECEIPT_CSV = ROOT / "tests" / "data" / "receipt.csv"
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)


def at(minute: int) -> str:
    return ONESTOP.date(NOW + timedelta(minutes=minute))


def record(code: str, minute: int) -> dict[str, Any]:
    return {"MaHoSo": code, "CapNhat": at(minute)}


def served(shelf: Shelf, **asked: Any) -> list[str]:
    piece = shelf.piece(**{"since": "", "page": 1, "size": 100, "token": "", "as_of": "", **asked})
    return [each["MaHoSo"] for each in piece.records]


def test_the_list_is_in_the_order_of_change_and_code_and_since_includes_its_instant() -> None:
    shelf = Shelf(ONESTOP, [record("c", 2), record("b", 1), record("a", 2)], NOW)
    assert served(shelf) == ["b", "a", "c"]
    assert served(shelf, since=at(2)) == ["a", "c"]
    assert served(shelf, page=2, size=2) == ["c"]
    assert served(shelf, since=at(3)) == []


def test_a_put_record_takes_the_place_of_its_code_and_is_stamped() -> None:
    shelf = Shelf(ONESTOP, [record("a", 1), record("b", 2)], NOW)
    shelf.put({"MaHoSo": "a", "CapNhat": "whatever it said"}, NOW + timedelta(minutes=9))
    assert served(shelf) == ["b", "a"]
    assert shelf.get("a")["CapNhat"] == at(9)
    assert len(shelf) == 2


def test_a_record_without_a_change_is_stamped_at_the_start_and_the_given_one_is_left_alone() -> None:
    given = {"MaHoSo": "a"}
    shelf = Shelf(ONESTOP, [given], NOW)
    assert shelf.get("a")["CapNhat"] == at(0)
    assert given == {"MaHoSo": "a"}


def test_tokens_lead_through_the_list_and_survive_a_change() -> None:
    shelf = Shelf(ONESTOP, [record(code, n) for n, code in enumerate("abcd")], NOW)
    first = shelf.piece(since="", page=1, size=2, token="", as_of="")
    shelf.put({"MaHoSo": "a"}, NOW + timedelta(minutes=9))
    second = shelf.piece(since="", page=1, size=2, token=first.next, as_of="")
    assert [each["MaHoSo"] for each in second.records] == ["c", "d"]
    assert [each["MaHoSo"] for each in shelf.piece(since="", page=1, size=9, token=second.next, as_of="").records] == ["a"]


@pytest.mark.parametrize(
    ("dialect", "text"),
    [(ONESTOP, "20260915100000"), (COMMUNE, "2026-09-15T10:00:00+07:00"), (DOCUMENTS, "15/09/2026 10:00:00"),
     (RECEIPT, "2026-09-15 05:00:00.000000+02:00")],
)  # fmt: skip
def test_each_dialect_writes_dates_its_own_way(dialect: Any, text: str) -> None:
    assert dialect.date(NOW) == text


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_protected_system_answers_to_its_token_only_and_a_login_gives_a_new_one(http: aiohttp.ClientSession) -> None:
    department = Department([record("a", 1)], ONESTOP, clock=lambda: NOW, token="t", password="pw")
    async with department.serving() as url:
        async with http.get(url) as answer:
            assert answer.status == 401
        async with http.get(url, headers={"Authorization": "Bearer t"}) as answer:
            assert (answer.status, await answer.json()) == (200, {"error_code": "0", "result": [record("a", 1)], "ThoiDiem": at(0)})
        async with http.post(url.replace("/hoso", "/token"), json={"password": "wrong"}) as answer:
            assert answer.status == 401
        async with http.post(url.replace("/hoso", "/token"), json={"password": "pw"}) as answer:
            token = (await answer.json())["access_token"]
        async with http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
            assert answer.status == 200


async def test_parameters_it_cannot_read_are_refused(http: aiohttp.ClientSession) -> None:
    async with Department([record("a", 1)], ONESTOP, clock=lambda: NOW).serving() as url:
        for query in ({"since": "hôm qua"}, {"page": "một"}, {"size": "nhiều"}):
            async with http.get(url, params=query) as answer:
                assert answer.status == 400


def test_the_real_file_is_served_as_rows_or_as_one_record_a_dossier() -> None:
    rows = read_records(RECEIPT_CSV)
    assert len(rows) == 8577
    assert len(last_rows(rows, RECEIPT)) == 1434


async def test_the_command_serves_a_file_and_prints_where(http: aiohttp.ClientSession) -> None:
    command = [sys.executable, "-m", "collectors.departments", "--data", str(RECEIPT_CSV), "--rows"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with http.get(url, params={"size": "5000", "page": "2"}) as answer:
            assert len(await answer.json()) == 3577
    finally:
        process.terminate()
        await process.wait()
