"""Thousands of one-commune systems in one process: `python -m tests.bench.communes COUNT`. Prints its address, then serves.

Each commune has its own list at /c/<n>/api/ho-so in the communes' dialect. About one in seven changes something within a minute, as on a
busy morning.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiohttp import web

from collectors.dates import read_instant
from collectors.departments.dialects import COMMUNE

DOSSIERS = 30
CHANGED_A_MINUTE = 1 / 7


def code_of(commune: int) -> str:
    return f"{10000 + commune}"


class Communes:
    """All of them: commune -> its records by code, each with the instant of its last change."""

    def __init__(self, count: int, now: datetime) -> None:
        self.random = random.Random(34)
        self.records: list[dict[str, tuple[datetime, dict[str, Any]]]] = []
        for commune in range(count):
            listed = [self._dossier(commune, n, now - timedelta(days=20) + timedelta(minutes=n)) for n in range(DOSSIERS)]
            self.records.append({record["maSoHoSo"]: (at, record) for at, record in listed})
        self.answers = 0

    def _dossier(self, commune: int, n: int, at: datetime) -> tuple[datetime, dict[str, Any]]:
        code = f"H99.{code_of(commune)}-{n:05}"
        return at, {
            "maSoHoSo": code, "coQuanId": code_of(commune), "tenThuTuc": "Chứng thực bản sao", "linhVuc": "Tư pháp", "hinhThuc": 1 + n % 3,
            "trangThai": 4, "ngayNhan": COMMUNE.date(at), "ngayHenTra": COMMUNE.date(at + timedelta(days=30)), "ngayTra": None,
            "hoTenNguoiNop": "Nguyễn Văn Thử", "capNhat": COMMUNE.date(at),
        }  # fmt: skip

    def live(self, now: datetime, seconds: float) -> None:
        """What changes within so many seconds."""
        expected = len(self.records) * CHANGED_A_MINUTE * seconds / 60
        for _ in range(int(expected) + (self.random.random() < expected % 1)):
            commune = self.random.randrange(len(self.records))
            code = self.random.choice(list(self.records[commune]))
            before = self.records[commune][code][1]
            done = before["trangThai"] != 10
            record = {
                **before,
                "trangThai": 10 if done else 4,
                "ngayTra": COMMUNE.date(now) if done else None,
                "capNhat": COMMUNE.date(now),
            }
            self.records[commune][code] = (now, record)

    async def answer(self, request: web.Request) -> web.Response:
        self.answers += 1
        rows = self.records[int(request.match_info["commune"])].values()
        since = request.query.get("tuNgay")
        begin = read_instant(since, COMMUNE.zone) if since else None
        found = [record for at, record in sorted(rows, key=lambda row: row[0]) if begin is None or at.replace(microsecond=0) >= begin]
        body = {"data": found, "totalRecords": len(found), "pageIndex": 0, "thoiDiem": COMMUNE.date(datetime.now(UTC))}
        return web.Response(body=orjson.dumps(body), content_type="application/json")


async def main(count: int) -> None:
    communes = Communes(count, datetime.now(UTC))
    app = web.Application()
    app.router.add_get("/c/{commune}/api/ho-so", communes.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    while True:
        await asyncio.sleep(1)
        communes.live(datetime.now(UTC), 1)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
