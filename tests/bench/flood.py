"""Very many records in three dialects: `python -m tests.bench.flood COUNT`. Prints its address, then serves COUNT records a dialect.

Record number n is a pure function of n, so that nothing is kept in memory and anybody can tell what must have arrived: every hundredth is
rubbish, of six kinds. Lists are ordered by (last change, code), three records an instant.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiohttp import web

from collectors.dates import read_instant
from collectors.departments.dialects import COMMUNE, DOCUMENTS, ONESTOP, Dialect, Piece

BASE = datetime(2025, 1, 2, 1, 0, tzinfo=UTC)
AN_INSTANT = 3
UNITS = 40
PERSON, PHONE = "Nguyễn Văn Thử", "0900000000"


def rubbish(n: int) -> bool:
    return n % 100 == 37


def sent(count: int) -> tuple[int, int]:
    """How many good and how many bad records of a dialect there are."""
    bad = sum(1 for n in range(37, count, 100))
    return count - bad, bad


def changed(n: int) -> datetime:
    return BASE + timedelta(seconds=n // AN_INSTANT)


def _onestop(n: int) -> dict[str, Any]:
    at = changed(n)
    done = n % 4 != 0
    return {
        "MaHoSo": f"H99.01-{n:08}", "MaTTHC": "1.012766", "TenTTHC": "Cấp giấy phép xây dựng", "TenLinhVuc": "Xây dựng",
        "DonViXuLy": f"U{n % UNITS:02}", "KenhThucHien": str(1 + n % 3), "TrangThaiHoSo": "10" if done else "4",
        "NgayTiepNhan": ONESTOP.date(at - timedelta(days=5)), "NgayHenTra": ONESTOP.date(at + timedelta(days=n % 9)),
        "NgayKetThucXuLy": ONESTOP.date(at) if done else "", "ChuHoSo": PERSON, "SoDienThoai": PHONE, "CapNhat": ONESTOP.date(at),
    }  # fmt: skip


def _commune(n: int) -> dict[str, Any]:
    at = changed(n)
    done = n % 4 != 0
    return {
        "maSoHoSo": f"H99.02-{n:08}",
        "coQuanId": f"U{n % UNITS:02}",
        "tenThuTuc": "Chứng thực",
        "linhVuc": "Tư pháp",
        "hinhThuc": 1 + n % 3,
        "trangThai": 10 if done else 4,
        "ngayNhan": COMMUNE.date(at - timedelta(days=3)),
        "ngayHenTra": COMMUNE.date(at + timedelta(days=n % 9)),
        "ngayTra": COMMUNE.date(at) if done else None,
        "hoTenNguoiNop": PERSON,
        "capNhat": COMMUNE.date(at),
    }


def _documents(n: int) -> dict[str, Any]:
    at = changed(n)
    return {
        "id": f"VB-{n:08}", "loai": "den" if n % 2 else "di", "donVi": f"U{n % UNITS:02}", "trangThai": "cho_xu_ly", "kySo": "1",
        "ngayDen" if n % 2 else "ngay": DOCUMENTS.date(at), "hanXuLy": DOCUMENTS.date(at + timedelta(days=n % 9)), "nguoiXuLy": PERSON,
        "capNhat": DOCUMENTS.date(at),
    }  # fmt: skip


WRITERS: dict[str, tuple[Dialect, Callable[[int], dict[str, Any]], tuple[str, ...]]] = {
    "onestop": (ONESTOP, _onestop, ("NgayTiepNhan", "TrangThaiHoSo", "DonViXuLy")),
    "commune": (COMMUNE, _commune, ("ngayNhan", "trangThai", "coQuanId")),
    "documents": (DOCUMENTS, _documents, ("hanXuLy", "trangThai", "donVi")),
}


def record(dialect: str, n: int) -> dict[str, Any]:
    """Record n as its system serves it; of the rubbish an impossible date, an unknown code, a missing or unknown unit, in turn."""
    _, write, (date, state, unit) = WRITERS[dialect]
    made = write(n)
    if rubbish(n):
        spoilt = ((date, "32/13/2026"), (state, "77"), (unit, ""), (unit, "nobody"), (date, {"a": 1}), (unit, "x" * 5000))[n // 100 % 6]
        made[spoilt[0]] = spoilt[1]
    return made


def piece(dialect: str, count: int, query: Any) -> Any:
    spoken, _, _ = WRITERS[dialect]
    begin = int(query.get("next") or 0) if spoken.next else 0
    if not begin and (since := query.get(spoken.since)):
        begin = max(0, int((read_instant(since, spoken.zone) - BASE).total_seconds())) * AN_INSTANT
    size = int(query.get(spoken.size, 500))
    page = int(query.get(spoken.page, spoken.first_page)) - spoken.first_page if spoken.page else 0
    first = begin + page * size
    end = min(first + size, count)
    records = [record(dialect, n) for n in range(first, end)]
    follows = str(end) if end < count else ""
    return spoken.envelope(
        Piece(records=records, page=page + 1, total=max(0, count - begin), next=follows, as_of=spoken.date(changed(count)))
    )


async def main(count: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = await asyncio.to_thread(lambda: orjson.dumps(piece(request.match_info["dialect"], count, request.query)))
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/{dialect}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
