"""Known names, numbers, phones and addresses, fed through every kind of source into the running program: none of them is anywhere after."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.kiosk import Kiosk
from collectors.source import Source
from collectors.sources import build
from ioc.config import SourceEntry
from ioc.db import Connection
from tests.acceptance.test_journey import UNITS, utcnow, written
from tests.contract.rigs import RIGS, base
from tests.contract.rigs.base import MAPPINGS, dossier
from tests.contract.rigs.push import SECRET
from tests.program import Program, program, screen

PEOPLE = (
    ("Nguyễn Văn Khuyến", "079203001234", "0912345678", "nguyen.van.khuyen@example.invalid"),
    ("TRẦN THỊ NGUYỆT NGA", "038304015678", "0387.654.321", "nga_tran@example.invalid"),
    ("Khổng Thị Huyền", "001199887766", "+84 977 112 233", "khong-huyen@example.invalid"),
    ("Pham Quoc Khanhh", "040184009876", "0398 112 233", "khanhh@example.invalid"),
)  # fmt: skip
# What would give one of them away: the last two words of the name, each number as digits, the address.
TRACES = (
    "văn khuyến", "nguyệt nga", "thị huyền", "quoc khanhh", "079203001234", "038304015678", "001199887766", "040184009876", "0912345678",
    "0387.654.321", "0387654321", "977 112 233", "977112233", "0398 112 233", "0398112233", "van.khuyen",
    "nga_tran", "khong-huyen", "khanhh@",
)  # fmt: skip


def records() -> list[Any]:
    """Each person in the fields meant for persons, and in every other one: shifted, mistyped, as a field's name, as a text."""
    now = utcnow()
    dates = {"NgayTiepNhan": written(now - timedelta(days=9)), "NgayHenTra": written(now + timedelta(days=9))}
    made: list[Any] = []

    def add(person: tuple[str, ...], **changes: Any) -> None:
        name, card, phone, mail = person
        number = len(made)
        asked = {"ChuHoSo": name, "SoGiayToChuHoSo": card, "SoDienThoai": phone, "Email": mail, "DiaChi": f"nhà ông {name}"}
        updated = {"CapNhat": written(now - timedelta(days=1) + timedelta(seconds=number))}
        made.append({**dossier(number), **dates, **updated, **asked, **changes})

    for person in PEOPLE:
        add(person)
        for trace in person:
            for field in (
                "MaHoSo",
                "TrangThaiHoSo",
                "NgayTiepNhan",
                "DonViXuLy",
                "KenhThucHien",
                "TenTTHC",
                "TenLinhVuc",
                "NgayKetThucXuLy",
            ):
                add(person, **{field: trace})
            add(person, TenTTHC=f"Cấp đổi cho {trace}, lần 2")
            add(person, **{trace: "4"})
    return [*made, *(trace for person in PEOPLE for trace in person), [PEOPLE[0][0]]]


def shifted() -> str:
    """A CSV in which cells have moved by one to the right and to the left, with and without their number being right."""
    header = ["Mã hồ sơ", "Đơn vị", "Trạng thái", "Ngày nhận", "Ngày hẹn trả", "Ngày trả", "Thủ tục", "Họ tên", "Số giấy tờ", "Điện thoại"]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(header)
    for n, (name, card, phone, _) in enumerate(PEOPLE):
        cells = [f"HS-{n}", "SXD", "Đang giải quyết", "01/09/2026 08:30", "20/09/2026", "", "Đăng ký khai sinh", name, card, phone]
        turned = [cells[at:] + cells[:at] for at in range(len(cells))]
        table.writerows([cells, *turned, cells[1:], [name, *cells], [*cells[:6], name, *cells[7:]]])
    return out.getvalue()


async def entries(folder: Path, stack: AsyncExitStack, database_url: str, patch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The world of every kind in one folder, and what each would be in a configuration: the rig is listened to as it builds."""
    built: dict[str, dict[str, Any]] = {}
    for kind, rig_of in RIGS.items():

        def listening(entry: SourceEntry, place: Path, kind: str = kind) -> Source:
            built[kind] = {**entry.options, "name": kind, "type": entry.type, "mapping": entry.mapping, "every": 1.0}
            return build(entry, place)

        patch.setattr(base, "build", listening)
        rig = rig_of(folder, stack)
        rig.database_url = database_url  # a department's own tables stand beside ours, not among them
        await rig.source([] if rig.calls_us else records())
    return list(built.values())


@asynccontextmanager
async def everything(folder: Path, database_url: str, patch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Program, set[str]]]:
    """The program over every kind of source, a folder with the shifted CSV, and a system that calls."""
    (folder / "units.csv").write_text(UNITS + "SXD,Sở Xây dựng,department,P,,,\n", encoding="utf-8")
    (folder / "drop").mkdir()
    (folder / "drop" / "lech-cot.csv").write_text(shifted(), encoding="utf-8")
    async with AsyncExitStack() as stack:
        made = await entries(folder, stack, database_url, patch)
        sheet = {"name": "lech-cot", "type": "files", "path": "drop", "quiet": 0, "mapping": str(MAPPINGS / "simple.toml"), "every": 1.0}
        raw = {"server": {"province": "Tỉnh Thử"}, "units": "units.csv", "source": [*made, sheet]}
        yield await stack.enter_async_context(program(raw, database_url, folder=folder)), {each["name"] for each in raw["source"]}  # type: ignore[index]


async def read(db: Connection, statement: str) -> list[tuple[Any, ...]]:
    return await (await db.execute(statement.encode())).fetchall()


def traces(text: str) -> list[str]:
    """What of the persons is in a text, with what stands around it."""
    folded = text.casefold()
    return [folded[max(0, folded.find(trace) - 80) : folded.find(trace) + 40] for trace in TRACES if trace in folded]


async def test_no_person_is_in_the_database_the_logs_the_metrics_or_any_answer(
    tmp_path: Path, database_url: str, db: Connection, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with everything(tmp_path, database_url, monkeypatch) as (server, kinds), screen(server.port) as wall:
        kiosk = Kiosk(url=f"{server.url}/api/v1/push/push", secret=SECRET, clock=utcnow)
        kiosk.put(*records())
        answers = [told.answer for told in await kiosk.call()]
        assert answers[0]["kept"] > 0
        assert answers[0]["quarantined"] > 0
        states = {f"src.{name}" for name in kinds}
        await wall.until(
            lambda w: states <= {key for key, state in w.topics.get("sources", {}).items() if state.get("bad", 0) > 0}, within=30
        )
        said = [json.dumps(wall.topics, ensure_ascii=False), json.dumps(answers, ensure_ascii=False)]
        said += [await server.text(path) for path in ANSWERS]
        said += [await server.text(f"/api/v1/sources/{name}/history") for name in kinds]
    logs = "".join(capfd.readouterr())
    assert [trace for text in said for trace in traces(text)] == []
    assert "quarantined" in logs
    assert traces(logs) == []
    await nothing_stored(db, kinds)
    reports = (tmp_path / "drop").rglob("*.report.json")
    assert [trace for report in reports for trace in traces(report.read_text(encoding="utf-8"))] == []


ANSWERS = (
    "/metrics", "/api/v1/sources", "/api/v1/indicators", "/api/v1/feeders", "/api/v1/items?indicator=dossiers_received&limit=1000",
    "/api/v1/items?indicator=dossiers_in_progress&limit=1000", "/api/v1/differences", "/api/v1/figures",
    "/api/v1/snap?topics=overview,sources,alerts,ticker", "/api/v1/history?indicator=dossiers_overdue&since=2026-01-01",
)  # fmt: skip


async def nothing_stored(db: Connection, kinds: Iterable[str]) -> None:
    """Of every kind something was stored and something set aside, and in no column of any table is a trace."""
    for table in ("items", "quarantine"):
        assert {name for (name,) in await read(db, f"select distinct source from {table}")} == set(kinds), table
    tables = [name for (name,) in await read(db, "select tablename from pg_tables where schemaname = 'public'")]
    assert {"items", "transitions", "quarantine", "units", "sources", "source_fields"} <= set(tables)
    for table in tables:
        found = {trace for (line,) in await read(db, f"select t::text from {table} t") for trace in traces(line)}
        assert found == set(), table
