"""How department systems speak: names, dates and envelopes of the lists they serve. Pure; called by onestop.py.

ONESTOP     PascalCase, yyyyMMddHHmmss, {"error_code": "0", "result": [...]}; pages counted from 1
COMMUNE     camelCase, ISO with offset, {"data": [...], "totalRecords": n, "pageIndex": k}; pages counted from 0
DOCUMENTS   camelCase, dd/MM/yyyy HH:mm:ss, {"items": [...], "next": token}; an opaque token leads to the next page
TASKS       camelCase, ISO in UTC, {"code": 0, "data": {"items": [...], "total": n}}; pages counted from 1
RECEIPT     the columns of receipt.csv, ISO with a space, a bare list
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One page of a list as the server has cut it. `page` from 1; `total` of what matches; `next` leads on, "" at the end."""

    records: list[Any]
    page: int
    total: int
    next: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of speaking. `code` and `updated` name the fields the list is ordered by; `written` is strftime's form of a date.

    `page`, `size`, `since`, `next` name the parameters ("" where there is none); `first_page` is the number of the first page.
    """

    name: str
    path: str
    code: str
    updated: str
    written: str
    envelope: Callable[[Piece], Any]
    failed: Callable[[str, str], Any]
    zone: ZoneInfo = VIETNAM
    page: str = "page"
    size: str = "size"
    since: str = "since"
    next: str = ""
    first_page: int = 1

    def date(self, instant: datetime) -> str:
        """An instant as this system writes it."""
        local = instant.astimezone(self.zone)
        text = local.strftime(self.written)
        return f"{text[:-2]}:{text[-2:]}" if self.written.endswith("%z") else text


def _failed(code: str, message: str) -> Mapping[str, Any]:
    return {"error_code": code, "message": message}


ONESTOP = Dialect(
    name="onestop",
    path="/hoso",
    code="MaHoSo",
    updated="CapNhat",
    written="%Y%m%d%H%M%S",
    envelope=lambda piece: {"error_code": "0", "result": piece.records, "ThoiDiem": piece.as_of},
    failed=_failed,
)

COMMUNE = Dialect(
    name="commune",
    path="/api/ho-so",
    code="maSoHoSo",
    updated="capNhat",
    written="%Y-%m-%dT%H:%M:%S%z",
    envelope=lambda piece: {
        "data": piece.records,
        "totalRecords": piece.total,
        "pageIndex": piece.page - 1,
        "thoiDiem": piece.as_of,
    },
    failed=_failed,
    page="pageIndex",
    size="pageSize",
    since="tuNgay",
    first_page=0,
)

DOCUMENTS = Dialect(
    name="documents",
    path="/van-ban",
    code="id",
    updated="capNhat",
    written="%d/%m/%Y %H:%M:%S",
    envelope=lambda piece: {"items": piece.records, "next": piece.next or None, "thoi_diem": piece.as_of},
    failed=_failed,
    page="",
    size="limit",
    since="tu",
    next="next",
)

TASKS = Dialect(
    name="tasks",
    path="/api/v2/nhiem-vu",
    code="maNhiemVu",
    updated="capNhat",
    written="%Y-%m-%dT%H:%M:%S.000Z",
    envelope=lambda piece: {"code": 0, "data": {"items": piece.records, "total": piece.total}, "thoiDiem": piece.as_of},
    failed=lambda code, message: {"code": code, "message": message},
    zone=ZoneInfo("UTC"),
    page="trang",
    size="soDong",
    since="capNhatTu",
)

RECEIPT = Dialect(
    name="receipt",
    path="/receipt",
    code="case:concept:name",
    updated="time:timestamp",
    written="%Y-%m-%d %H:%M:%S.%f%z",
    envelope=lambda piece: piece.records,
    failed=_failed,
    zone=ZoneInfo("Europe/Amsterdam"),
)

DIALECTS: dict[str, Dialect] = {each.name: each for each in (ONESTOP, COMMUNE, DOCUMENTS, TASKS, RECEIPT)}
